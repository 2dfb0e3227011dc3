package redmine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"

	"suivi/domain"
	"suivi/integration/mirror"
	"suivi/markdown"
)

// Name is the tool's, for ever.
const Name = string(domain.SourceRedmine)

// The words of a mapping: what every issue has (tracker.Mapping.Fixed), and what
// fields are there (tracker.FieldMapping.As). The ids are Redmine's numbers.
const (
	FixedTracker    = "tracker"     // of all issues, unless a field says which
	FixedPriority   = "priority"    // likewise
	FixedExternalID = "external-id" // the custom field that carries the ticket's id
	FixedResolution = "resolution"  // the custom field for the resolution; none: it stays here
	FixedReportedBy = "reported-by" // the custom field for the reporter's name; none: the description begins with it
	FixedFormatting = "formatting"  // of texts there: Textile or Markdown
	AsTracker       = "tracker"
	AsPriority      = "priority"
	AsField         = "field" // with the custom field's id
)

// How texts are formatted there, as Redmine's administrators have chosen.
const (
	Textile  = "textile" // unless the mapping says otherwise
	Markdown = "markdown"
)

// Config is what the tool is made of.
type Config struct {
	// Names tells people's names; those it does not know it leaves out.
	Names func(context.Context, []domain.UserID) (map[domain.UserID]string, error)
	Now   func() time.Time // nil: time.Now
	Late  time.Duration    // how long after its second a change may come to be seen; 0: usuallyLate
}

// Tool is Redmine as a mirror's other side: a mirror.Tool.
type Tool struct {
	cfg   Config
	texts *markdown.Renderer
	mu    sync.Mutex
	sites map[string]*site
	// leaks are the mirrors in which a private note became public all the same. None is
	// sent there any more before the program is started again.
	leaks map[string]bool
	// barred are the mirrors in which no issue is made any more, and why.
	barred map[string]string
}

// New makes the tool.
func New(cfg Config) *Tool {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Late == 0 {
		cfg.Late = usuallyLate
	}
	return &Tool{cfg: cfg, texts: markdown.New(), sites: map[string]*site{}, leaks: map[string]bool{}, barred: map[string]string{}}
}

// Name is Redmine's.
func (*Tool) Name() string { return Name }

// knownFor is how long is believed what was read of a site.
const knownFor = 5 * time.Minute

// site is what is known of a project to one key.
type site struct {
	*Client
	until   time.Time
	me      User
	project Project
	rights  rights
	mu      sync.Mutex
	logins  map[int]string
}

// site is the one of the place, as it was a few minutes ago at most.
func (t *Tool) site(ctx context.Context, at mirror.Place) (*site, error) {
	sum := sha256.Sum256([]byte(at.Mirror.Site + "\x00" + at.Mirror.Project + "\x00" + at.Secret.Reveal()))
	t.mu.Lock()
	known, ok := t.sites[string(sum[:])]
	t.mu.Unlock()
	if ok && t.cfg.Now().Before(known.until) {
		return known, nil
	}
	known, err := t.visit(ctx, at)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sites[string(sum[:])] = known
	return known, nil
}

// forget has the next call look anew.
func (t *Tool) forget(s *site) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, known := range t.sites {
		if known == s {
			delete(t.sites, name)
		}
	}
}

// mirrorOf names a mirror among those of all trackers.
func mirrorOf(at mirror.Place) string { return at.Mirror.Site + "\x00" + at.Mirror.Project }

// leaked notes that a private note has become public.
func (t *Tool) leaked(at mirror.Place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaks[mirrorOf(at)] = true
}

// notPrivate tells why an internal note may not be sent, as things are now; "" when it may.
func (t *Tool) notPrivate(ctx context.Context, s *site, at mirror.Place) (why string, err error) {
	t.mu.Lock()
	leaked := t.leaks[mirrorOf(at)]
	t.mu.Unlock()
	switch {
	case leaked:
		return "Redmine has made a private note public, which was taken away again", nil
	case s.me.Admin:
		return "", nil
	}
	now, err := s.Client.rights(ctx, s.me, at.Mirror.Project)
	return now.notPrivate(), err
}

// visit asks Redmine who we are and what we may.
func (t *Tool) visit(ctx context.Context, at mirror.Place) (*site, error) {
	client, err := NewClient(at.Mirror.Site, at.Secret.Reveal())
	if err != nil {
		return nil, mirror.Misconfigured("%w", err)
	}
	s := &site{Client: client, until: t.cfg.Now().Add(knownFor), logins: map[int]string{}}
	if s.me, err = client.Me(ctx); err != nil {
		return nil, ofMirror(err)
	}
	if s.project, err = client.Project(ctx, at.Mirror.Project); err != nil {
		if isMissing(err) || hasStatus(err, http.StatusForbidden) {
			return nil, mirror.Misconfigured("the project %s is not there, or the key's person does not see it: %w", at.Mirror.Project, err)
		}
		return nil, ofMirror(err)
	}
	s.rights, err = client.rights(ctx, s.me, at.Mirror.Project)
	return s, ofMirror(err)
}

// ofMirror sorts out the errors that are of the whole mirror.
func ofMirror(err error) error {
	if hasStatus(err, http.StatusUnauthorized) {
		return mirror.Misconfigured("%w", err)
	}
	return err
}

// as is a client that acts as the person, where the key is an administrator's and
// the mapping knows them; false: as the key's own person.
func (s *site) as(ctx context.Context, at mirror.Place, user domain.UserID) (*Client, bool) {
	id, ok := number(at.Mirror.People[user])
	if !ok || !s.me.Admin {
		return s.Client, false
	}
	if id == s.me.ID {
		return s.Client, true
	}
	login, err := s.login(ctx, id)
	if err != nil || login == "" {
		return s.Client, false
	}
	return s.As(login), true
}

func (s *site) login(ctx context.Context, id int) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if login, ok := s.logins[id]; ok {
		return login, nil
	}
	var answer struct {
		User User `json:"user"`
	}
	err := s.get(ctx, fmt.Sprintf("/users/%d.json", id), nil, &answer)
	if err != nil && !isMissing(err) {
		return "", err
	}
	s.logins[id] = answer.User.Login
	return answer.User.Login, nil
}
