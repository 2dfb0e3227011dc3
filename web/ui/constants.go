package ui

import (
	"html/template"
	"regexp"
	"text/template/parse"
)

// constants writes what is the same on every page into the templates when they are read: texts without
// arguments, addresses of files, and the templates that consist of such alone. Of the actions of a page these are most,
// and each would be looked up and escaped anew for every reader.
type constants struct {
	text   map[string]func(string) string // of a function, for its only argument
	static *regexp.Regexp                 // what needs no escaping, wherever it stands
	all    *template.Template
	done   map[string]bool
}

func writeConstants(all *template.Template, s *speech, files *static) {
	c := constants{
		text: map[string]func(string) string{
			"t":      func(key string) string { return s.say(key) },
			"static": func(name string) string { return files.urls[name] },
		},
		static: regexp.MustCompile(`^[a-z0-9-]+$`), all: all, done: map[string]bool{},
	}
	for _, t := range all.Templates() {
		c.template(t.Name())
	}
}

// template writes the constants of the template of the name, and answers its nodes.
func (c *constants) template(name string) *parse.ListNode {
	t := c.all.Lookup(name)
	if t == nil || t.Tree == nil {
		return nil
	}
	if !c.done[name] {
		c.done[name] = true // before, as a template may call itself
		c.list(t.Tree.Root)
	}
	return t.Tree.Root
}

func (c *constants) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	var nodes []parse.Node
	for _, node := range l.Nodes {
		nodes = append(nodes, c.node(node)...)
	}
	l.Nodes = nodes
}

// node is what stands for the node.
func (c *constants) node(node parse.Node) []parse.Node {
	switch n := node.(type) {
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.WithNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		c.branch(&n.BranchNode)
	case *parse.ActionNode:
		if text, ok := c.said(n.Pipe); ok {
			return []parse.Node{textNode(n.Pos, template.HTMLEscapeString(text))}
		}
	case *parse.TemplateNode:
		if written, ok := c.written(n); ok {
			return written
		}
	}
	return []parse.Node{node}
}

func (c *constants) branch(b *parse.BranchNode) {
	c.list(b.List)
	c.list(b.ElseList)
}

// said is the text of an action that calls a function with one constant.
func (c *constants) said(pipe *parse.PipeNode) (string, bool) {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	function, isFunction := pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	of, isText := pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !isFunction || !isText || c.text[function.Ident] == nil {
		return "", false
	}
	return c.text[function.Ident](of.Text), true
}

// written is the template that is called, if it is all text but for the constant that it is called with.
func (c *constants) written(call *parse.TemplateNode) ([]parse.Node, bool) {
	body, with := c.template(call.Name), ""
	if body == nil {
		return nil, false
	}
	if call.Pipe != nil && len(call.Pipe.Cmds) == 1 && len(call.Pipe.Cmds[0].Args) == 1 {
		if constant, ok := call.Pipe.Cmds[0].Args[0].(*parse.StringNode); ok && c.static.MatchString(constant.Text) {
			with = constant.Text
		}
	}
	var nodes []parse.Node
	for _, node := range body.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			nodes = append(nodes, n.Copy())
		case *parse.ActionNode:
			if with == "" || n.Pipe.String() != "." {
				return nil, false
			}
			nodes = append(nodes, textNode(n.Pos, with))
		default:
			return nil, false
		}
	}
	return nodes, true
}

func textNode(at parse.Pos, text string) *parse.TextNode {
	return &parse.TextNode{NodeType: parse.NodeText, Pos: at, Text: []byte(text)}
}
