package helpdesk

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Log is a whole file that has passed every check.
type Log struct {
	Cases []Case // in the order of the file
	Rows  int    // of all cases
}

// Case is one request of the other desk with its deeds in the order of time.
type Case struct {
	ID   string
	Rows []Row
}

// Row is one line of the file.
type Row struct {
	Line     int // in the file, from 1; the header is line 1
	Activity string
	Resource string // who acted
	At       time.Time
	Values   map[string]string // of the attribute columns, by field code
}

// timeFormat is how the log writes times, in UTC.
const timeFormat = "2006/01/02 15:04:05.000"

// maxValue is the longest text in a cell, in characters: what a text field takes.
// maxCase is shorter in bytes, since a case's name is part of idempotency keys and of the summary.
const (
	maxValue = 255
	maxCase  = 128
)

// maxProblems is after how many wrong lines Read stops looking for more.
const maxProblems = 10

// header is the first line of the file. The second Variant is no mistake of ours.
func header() []string {
	return []string{"Case ID", "Activity", "Resource", "Complete Timestamp", "Variant", "Variant index", "Variant",
		"seriousness", "customer", "product", "responsible_section", "seriousness_2", "service_level", "service_type",
		"support_section", "workgroup"}
}

// Read reads a log, gzipped or plain, and checks all of it. The error names every
// wrong line (the first ten), what is wrong with it and what to do.
func Read(file io.Reader) (*Log, error) {
	plain, err := unzipped(file)
	if err != nil {
		return nil, err
	}
	lines := csv.NewReader(plain)
	lines.FieldsPerRecord = -1 // checked here, with a better sentence
	first, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; a help-desk log begins with the header line " + strings.Join(header(), ","))
	}
	if err != nil {
		return nil, fmt.Errorf("read the header line: %w", err)
	}
	if err := checkHeader(first); err != nil {
		return nil, err
	}
	r := reader{log: &Log{}, began: map[string]int{}, last: -1}
	return r.readAll(lines)
}

func unzipped(file io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(file, 64<<10)
	if magic, err := buffered.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, nil //nolint:nilerr // a file too short to be gzipped is judged as text
	}
	plain, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("unzip: %w; is the file whole?", err)
	}
	return plain, nil
}

func checkHeader(got []string) error {
	want := header()
	got[0] = strings.TrimPrefix(got[0], "\ufeff") // a spreadsheet's byte order mark
	if len(got) != len(want) {
		return fmt.Errorf("line 1: the header has %d columns, want %d: %s", len(got), len(want), strings.Join(want, ","))
	}
	for i := range want {
		if got[i] != want[i] {
			return fmt.Errorf("line 1: column %d is %q, want %q; the whole header is %s", i+1, got[i], want[i], strings.Join(want, ","))
		}
	}
	return nil
}

// reader gathers rows into cases, and what is wrong.
type reader struct {
	log      *Log
	began    map[string]int // the first line of each case
	last     int            // index of the case that the line before belongs to
	problems []error
}

func (r *reader) readAll(lines *csv.Reader) (*Log, error) {
	for len(r.problems) < maxProblems {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.problems = append(r.problems, fmt.Errorf("%w; mend the quotes there, or unzip the file to see whether it is whole", err))
			break // what follows cannot be told apart
		}
		line, _ := lines.FieldPos(0)
		if err := r.take(line, cells); err != nil {
			r.problems = append(r.problems, fmt.Errorf("line %d: %w", line, err))
		}
	}
	if len(r.problems) == 0 && r.log.Rows == 0 {
		return nil, errors.New("the file has a header and no rows")
	}
	return r.log, errors.Join(r.problems...)
}

func (r *reader) take(line int, cells []string) error {
	if len(cells) != len(header()) {
		return fmt.Errorf("%d cells, want %d; fill in the missing ones (an empty cell is fine) or take the line out", len(cells), len(header()))
	}
	row, err := readRow(line, cells)
	if err != nil {
		return err
	}
	r.log.Rows++
	return r.add(cells[0], row)
}

func (r *reader) add(id string, row Row) error {
	if r.last < 0 || r.log.Cases[r.last].ID != id {
		if began, ok := r.began[id]; ok {
			return fmt.Errorf("%s goes on here, but it began at line %d and other cases stand between; sort the file by case, then by time", id, began)
		}
		r.began[id] = row.Line
		r.log.Cases = append(r.log.Cases, Case{ID: id})
		r.last = len(r.log.Cases) - 1
	}
	c := &r.log.Cases[r.last]
	if n := len(c.Rows); n > 0 && row.At.Before(c.Rows[n-1].At) {
		return fmt.Errorf("%s goes back in time, from %s to %s; sort the lines of the case by time",
			id, c.Rows[n-1].At.Format(timeFormat), row.At.Format(timeFormat))
	}
	c.Rows = append(c.Rows, row)
	return nil
}

func readRow(line int, cells []string) (Row, error) {
	row := Row{Line: line, Activity: cells[1], Resource: cells[2], Values: make(map[string]string, len(columns()))}
	for i, cell := range cells {
		if err := checkCell(cell); err != nil {
			return row, fmt.Errorf("%s: %w", header()[i], err)
		}
	}
	switch {
	case cells[0] == "" || len(cells[0]) > maxCase:
		return row, fmt.Errorf("the Case ID must have 1 to %d bytes; give the case a name", maxCase)
	case slug(row.Resource) == "":
		return row, fmt.Errorf("the Resource %q has no letter or digit (a to z); say who acted", row.Resource)
	case cells[4] != cells[6]:
		return row, fmt.Errorf("the two columns Variant differ (%q, %q); one case has one variant", cells[4], cells[6])
	}
	if _, err := meaning(row.Activity); err != nil {
		return row, fmt.Errorf("%w; correct it, or take the line out", err)
	}
	at, err := time.ParseInLocation(timeFormat, cells[3], time.UTC)
	if err != nil {
		return row, fmt.Errorf("the time %q is not like 2012/10/09 14:50:17.000 (UTC)", cells[3])
	}
	row.At = at
	for _, c := range columns() {
		row.Values[c.code] = cells[c.cell]
	}
	return row, nil
}

func checkCell(cell string) error {
	switch {
	case !utf8.ValidString(cell):
		return errors.New("not UTF-8; convert the file")
	case utf8.RuneCountInString(cell) > maxValue:
		return fmt.Errorf("longer than %d characters; shorten it", maxValue)
	case strings.ContainsFunc(cell, unicode.IsControl):
		return errors.New("a control character or a line break; take it out")
	}
	return nil
}
