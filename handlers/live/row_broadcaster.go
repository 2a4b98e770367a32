package live

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	inboxpages "parley/handlers/inbox"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
)

// rowBroadcaster sends changed rows of the inbox to every open page. A change is read and rendered once for everybody
// and then sent: if two hundred pages each fetched their list at every message, that would cost more than everything
// else.
type rowBroadcaster struct {
	app   *Handlers
	wake  chan struct{}
	mu    sync.Mutex
	dirty map[string]bool // public ids of conversations
	pages map[*listener]struct{}
}

// listener is one open page: the list that it shows, if any, and its reader.
type listener struct {
	c      chan []byte // JSON of update; closed if the page reads too slowly
	user   *accounts.User
	masked bool
	list   string             // the list's query, empty on pages that show none
	filter *inbox.InboxFilter // the list's filter
	late   []string           // conversations that changed while the page was away
}

// update is what a page is sent.
type update struct {
	Rows   []updatedRow   `json:"rows,omitempty"`
	Gone   []string       `json:"gone,omitempty"` // rows to remove from the page's list
	Counts map[string]int `json:"counts"`
}

type updatedRow struct {
	ID   string  `json:"id"`
	Key  string  `json:"key,omitempty"`
	HTML string  `json:"html,omitempty"`
	News *notice `json:"news,omitempty"`
}

// notice is a message that the reader has to be told about.
type notice struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// gather is how long changes are collected before they are sent: a third of the delay that people notice.
const gather = 30 * time.Millisecond

// retryRows is how long to wait after rows could not be read.
const retryRows = time.Second

func newRowBroadcaster(h *Handlers) *rowBroadcaster {
	return &rowBroadcaster{app: h, wake: make(chan struct{}, 1), dirty: map[string]bool{}, pages: map[*listener]struct{}{}}
}

// markChanged records an event of the hub.
func (f *rowBroadcaster) markChanged(event string) {
	id, ok := strings.CutPrefix(event, conversations.RowTopic)
	if !ok {
		return
	}
	f.mu.Lock()
	f.dirty[id] = true
	f.mu.Unlock()
	f.schedule()
}

func (f *rowBroadcaster) schedule() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *rowBroadcaster) add(l *listener) {
	l.c = make(chan []byte, 64)
	f.mu.Lock()
	f.pages[l] = struct{}{}
	late := len(l.late) > 0
	f.mu.Unlock()
	if late {
		f.schedule()
	}
}

func (f *rowBroadcaster) remove(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.pages[l]; ok {
		delete(f.pages, l)
		close(l.c)
	}
}

func (f *rowBroadcaster) run(done <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { <-done; cancel() }()
	for {
		select {
		case <-done:
			return
		case <-f.wake:
		}
		time.Sleep(gather)
		if err := f.broadcast(ctx); err != nil && ctx.Err() == nil {
			f.app.Log.Error("live rows", "error", err)
			time.AfterFunc(retryRows, f.schedule)
		}
	}
}

// pending is what has to be sent, and to which pages.
type pending struct {
	changed map[string]bool // public ids of conversations
	pages   []*listener
	late    map[*listener][]string // what changed while these pages were disconnected
}

// takePending takes what has to be sent now; later changes wait for the next round.
func (f *rowBroadcaster) takePending() pending {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := pending{changed: f.dirty, pages: make([]*listener, 0, len(f.pages)), late: map[*listener][]string{}}
	f.dirty = map[string]bool{}
	for l := range f.pages {
		p.pages = append(p.pages, l)
		if len(l.late) > 0 {
			p.late[l], l.late = l.late, nil
		}
	}
	return p
}

// putBack notes again what could not be sent: it is part of the next round.
func (f *rowBroadcaster) putBack(p pending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.dirty, p.changed)
	for l, late := range p.late {
		l.late = append(late, l.late...)
	}
}

// of is what one page has to be sent.
func (p pending) of(l *listener) map[string]bool {
	if p.late[l] == nil {
		return p.changed
	}
	mine := maps.Clone(p.changed)
	for _, id := range p.late[l] {
		mine[id] = true
	}
	return mine
}

// all is everything that any page has to be sent.
func (p pending) all() map[string]bool {
	all := maps.Clone(p.changed)
	for _, some := range p.late {
		for _, id := range some {
			all[id] = true
		}
	}
	return all
}

// broadcast reads what changed and sends each page the part that concerns it. After an error everything that changed is
// still to be sent; pages that have it already put the same rows in their place once more.
func (f *rowBroadcaster) broadcast(ctx context.Context) error {
	p := f.takePending()
	err := f.sendPending(ctx, p)
	if err != nil {
		f.putBack(p)
	}
	return err
}

func (f *rowBroadcaster) sendPending(ctx context.Context, p pending) error {
	all := p.all()
	if len(p.pages) == 0 || len(all) == 0 {
		return nil
	}
	s := &renderPass{
		app:    f.app,
		ctx:    ctx,
		now:    f.app.Store.Now(),
		html:   map[string]string{},
		counts: map[int64]map[string]int{},
	}
	if err := s.read(all); err != nil {
		return err
	}
	sent := map[string][]byte{} // many pages show the same list to readers with the same rights
	for _, l := range p.pages {
		key := ""
		if p.late[l] == nil {
			key = l.user.PublicID + "?" + l.list + "#" + strconv.FormatBool(l.masked)
		}
		msg, ok := sent[key]
		if !ok || key == "" {
			var err error
			if msg, err = s.update(l, p.of(l)); err != nil {
				return err
			}
			sent[key] = msg
		}
		f.send(l, msg)
	}
	return nil
}

func (f *rowBroadcaster) send(l *listener, msg []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.pages[l]; !ok {
		return
	}
	select {
	case l.c <- msg:
	default: // too slow: the browser reconnects and catches up
		delete(f.pages, l)
		close(l.c)
	}
}

// listen sets up a listener: the list whose query is in the stream's address, and what the page missed.
func (h *Handlers) listen(ctx context.Context, l *listener, missed []string) error {
	for _, e := range missed {
		if id, ok := strings.CutPrefix(e, conversations.RowTopic); ok && !slices.Contains(l.late, id) {
			l.late = append(l.late, id)
		}
	}
	if l.list == "" {
		return nil
	}
	q, err := url.ParseQuery(l.list)
	if err != nil {
		return models.Invalid("list", "inbox.list_unknown")
	}
	filter, _, err := inboxpages.Filter(ctx, h.Store, l.user, q)
	l.filter = &filter
	return err
}
