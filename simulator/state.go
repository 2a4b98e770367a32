package simulator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"parley/whatsapp"
)

// state is everything the simulator stores. Each record is written through to the database as JSON.
type state struct {
	Offset    time.Duration
	Customers map[string]*Customer // by key
	Messages  map[string]*Message  // by sid
	Order     []string             // sids, oldest first
	Contents  map[string]*Content  // by sid
	Media     map[string]*Media    // by sid
	// MediaOrder are the sids of Media, oldest first; MediaBytes is how large they are together.
	MediaOrder []string
	MediaBytes int
	Locked     map[string]*time.Time // names of deleted templates with their language, until when
	Senders    map[string]*Sender    // by sid
	Requests   map[string]*Request   // for production access, by case number
}

func newState() state {
	return state{
		Customers: map[string]*Customer{},
		Messages:  map[string]*Message{},
		Contents:  map[string]*Content{},
		Media:     map[string]*Media{},
		Locked:    map[string]*time.Time{},
		Senders:   map[string]*Sender{},
		Requests:  map[string]*Request{},
	}
}

// Message is one message of the simulated account.
type Message struct {
	Sid, From, To    string // whatsapp:+E164
	Body             string
	Media            string // sid of a file, or an address
	ContentType      string
	Latitude         string
	Longitude        string
	Label            string
	ContentSid       string
	Rich             *whatsapp.Content    `json:",omitempty"` // what a content adds to the body: header, buttons, cards
	RichType         whatsapp.ContentType `json:",omitempty"`
	Tapped           *Tap                 `json:",omitempty"` // the answer is a tap on a button or a list
	Of               string               `json:",omitempty"` // sid of the message that this one replies or reacts to
	Reaction         bool                 `json:",omitempty"` // Body is an emoji
	Flow             string               `json:",omitempty"` // the answers of a form
	Inbound          bool                 // from the customer to the business
	Local            bool                 // the Sandbox's own reply, never seen by Parley
	Status           string
	ErrorCode        int
	Callback         string
	Validity         int `json:",omitempty"` // seconds that it may wait, 0: as long as Twilio keeps it
	Created, ReadAt  time.Time
	SentAt           time.Time // zero while it waits at Twilio
	DeliveredToPhone bool
}

// sentAt is when a message left Twilio; the zero time while it waits there.
func (m *Message) sentAt() time.Time {
	if m.SentAt.IsZero() && (m.Inbound || m.Status != "queued") { // of a run that did not store this time
		return m.Created
	}
	return m.SentAt
}

// Tap is a button or a list's item that a customer tapped.
type Tap struct {
	Title, ID string
	List      bool
	Of        string // sid of the message that it belongs to
}

// Content is a template at Twilio.
type Content struct {
	Sid          string
	FriendlyName string
	Language     string
	Variables    map[string]string
	Types        map[string]map[string]any
	Created      time.Time
	Approval     *Approval
}

// Approval is WhatsApp's review of a content.
type Approval struct {
	Name, Category, Status, RejectionReason string
	SubmittedAt                             time.Time // real time
}

// Media is a file that a customer sent.
type Media struct {
	Sid, ContentType string
	Bytes            []byte
}

// newSid makes an identifier of Twilio's form: two letters and 32 hexadecimal digits.
func newSid(prefix string) string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return prefix + hex.EncodeToString(b)
}

// load reads the records of the last run, oldest first.
func (s *Simulator) load(ctx context.Context) error {
	_, err := s.opt.Pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS simulator;
		CREATE TABLE IF NOT EXISTS simulator.records (kind text, id text, at bigint GENERATED ALWAYS AS IDENTITY,
			doc jsonb NOT NULL, PRIMARY KEY (kind, id))`)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	rows, err := s.opt.Pool.Query(ctx, "SELECT kind, id, doc FROM simulator.records ORDER BY at")
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, id string
		var doc []byte
		if err := rows.Scan(&kind, &id, &doc); err != nil {
			return err
		}
		if err := s.state.take(kind, id, doc); err != nil {
			return fmt.Errorf("simulator: %s %s: %w", kind, id, err)
		}
	}
	return rows.Err()
}

func (st *state) take(kind, id string, doc []byte) error {
	switch kind {
	case "clock":
		return json.Unmarshal(doc, &st.Offset)
	case "customer":
		return read(st.Customers, id, doc)
	case "content":
		return read(st.Contents, id, doc)
	case "media":
		if err := read(st.Media, id, doc); err != nil {
			return err
		}
		st.fileMedia(st.Media[id])
		return nil
	case "locked":
		return read(st.Locked, id, doc)
	case "sender":
		return read(st.Senders, id, doc)
	case "request":
		return read(st.Requests, id, doc)
	case "message":
		st.Order = append(st.Order, id)
		return read(st.Messages, id, doc)
	}
	return nil
}

func read[T any](m map[string]*T, id string, doc []byte) error {
	v := new(T)
	m[id] = v
	return json.Unmarshal(doc, v)
}

// keep writes a record through. The caller holds the lock, so records are written in order.
func (s *Simulator) keep(kind, id string, v any) {
	if s.opt.Pool == nil {
		return
	}
	doc, err := json.Marshal(v)
	if err == nil {
		_, err = s.opt.Pool.Exec(s.ctx, `INSERT INTO simulator.records (kind, id, doc) VALUES ($1, $2, $3)
			ON CONFLICT (kind, id) DO UPDATE SET doc = excluded.doc`, kind, id, doc)
	}
	if err != nil && s.ctx.Err() == nil {
		s.opt.Log.Error("simulator: keep state", "kind", kind, "error", err)
	}
}

// forget removes a record. The caller holds the lock.
func (s *Simulator) forget(kind, id string) {
	if s.opt.Pool == nil {
		return
	}
	_, err := s.opt.Pool.Exec(s.ctx, "DELETE FROM simulator.records WHERE kind = $1 AND id = $2", kind, id)
	if err != nil && s.ctx.Err() == nil {
		s.opt.Log.Error("simulator: forget state", "kind", kind, "error", err)
	}
}

// addMessage stores a message. The caller holds the lock.
func (s *Simulator) addMessage(m *Message) {
	m.Created = s.now()
	s.state.Messages[m.Sid] = m
	s.state.Order = append(s.state.Order, m.Sid)
	s.keep("message", m.Sid, m)
}

// Messages are copies of all messages between a customer and any sender, oldest first; of everybody if key is empty.
func (s *Simulator) Messages(key string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	theirs := s.addresses(key)
	var out []Message
	for _, sid := range s.state.Order {
		m := s.state.Messages[sid]
		if key == "" || slices.Contains(theirs, m.From) || slices.Contains(theirs, m.To) {
			out = append(out, *m)
		}
	}
	return out
}
