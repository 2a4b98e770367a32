package simulator

import (
	"crypto/rand"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/whatsapp"
)

// Customer is a person with a phone.
type Customer struct {
	Phone       string // E.164; empty if the number is not known to anybody
	Name        string
	UserID      string               `json:",omitempty"` // WhatsApp's business-scoped user id, such as BR.1502576394655843
	Username    string               `json:",omitempty"`
	Hidden      bool                 `json:",omitempty"` // writes under the user id, without the number
	JoinedAt    *time.Time           // the Sandbox
	Stopped     map[string]bool      // senders that the person wrote STOP to
	LastInbound map[string]time.Time // by sender: what opens the session
	Added       time.Time
	TypingUntil map[string]time.Time // by sender: until when the phone shows the typing indicator
}

// Key names a customer: the number, or the user id of one without a number.
func (c *Customer) Key() string {
	if c.Phone != "" {
		return c.Phone
	}
	return c.UserID
}

// address is the customer's address as the business sees it.
func (c *Customer) address() whatsapp.Address {
	if c.Hidden || c.Phone == "" {
		return whatsapp.Address{ID: c.UserID}
	}
	return whatsapp.Address{Phone: c.Phone}
}

// identify adds the customer to a webhook: the number as WaId if it is not hidden, the user id with its username if
// there is one (Meta, business-scoped user ids; the parameters as seen in Twilio's webhooks).
func (c *Customer) identify(form url.Values) {
	if !c.Hidden && c.Phone != "" {
		form.Set("WaId", strings.TrimPrefix(c.Phone, "+"))
	}
	if c.UserID != "" {
		form.Set("ExternalUserId", c.UserID)
	}
	if c.Username != "" {
		form.Set("ProfileUsername", c.Username)
	}
}

// joined reports whether the customer belongs to the Sandbox now.
func (c *Customer) joined(now time.Time) bool {
	return c.JoinedAt != nil && now.Before(c.JoinedAt.Add(whatsapp.SandboxMembership))
}

// windowOpen reports whether the session with a sender is open.
func (c *Customer) windowOpen(sender string, now time.Time) bool {
	last, ok := c.LastInbound[sender]
	return ok && whatsapp.WindowOpen(&last, now)
}

// AddCustomer makes a customer with a phone, or returns the one with that number.
func (s *Simulator) AddCustomer(phone, name string) *Customer {
	return s.addCustomer(Customer{Phone: phone, Name: name})
}

// AddHidden makes a customer who writes without a number, known by a user id and a username, or returns the one with
// that id. phone is the hidden number; empty if none is needed.
func (s *Simulator) AddHidden(userID, username, name, phone string) *Customer {
	return s.addCustomer(Customer{Phone: phone, Name: name, UserID: userID, Username: username, Hidden: true})
}

func (s *Simulator) addCustomer(c Customer) *Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.state.Customers[c.Key()]; old != nil {
		return old
	}
	c.Stopped, c.LastInbound, c.Added = map[string]bool{}, map[string]time.Time{}, time.Now()
	s.state.Customers[c.Key()] = &c
	s.keep("customer", c.Key(), &c)
	return &c
}

// Hide hides the number of a customer who has a user id, or shows it.
func (s *Simulator) Hide(key string, hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.state.Customers[key]; c != nil && c.UserID != "" && c.Phone != "" {
		c.Hidden = hidden
		s.keep("customer", key, c)
	}
}

// customer finds the customer at an address, by any form of the number. The caller holds the lock.
func (s *Simulator) customer(a whatsapp.Address) *Customer {
	for _, v := range a.Variants() {
		if c := s.state.Customers[v.Phone+v.ID]; c != nil {
			return c
		}
	}
	if a.ID == "" {
		return nil
	}
	for _, c := range s.state.Customers {
		if c.UserID == a.ID {
			return c
		}
	}
	return nil
}

// customerAt finds the customer at an address in Twilio's form. The caller holds the lock.
func (s *Simulator) customerAt(address string) *Customer {
	a, err := whatsapp.ParseAddress(address)
	if err != nil {
		return nil
	}
	return s.customer(a)
}

// addresses are all addresses that a customer's messages are listed under. The caller holds the lock.
func (s *Simulator) addresses(key string) []string {
	out := []string{"whatsapp:" + key}
	if c := s.state.Customers[key]; c != nil && c.UserID != "" && c.UserID != key {
		out = append(out, "whatsapp:"+c.UserID)
	}
	return out
}

func (s *Simulator) customers() []Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Customer
	for _, c := range s.state.Customers {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Customer) int { return a.Added.Compare(b.Added) })
	return out
}

// Forget makes a customer leave the Sandbox silently.
func (s *Simulator) Forget(phone string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.state.Customers[phone]; p != nil {
		p.JoinedAt = nil
		s.keep("customer", phone, p)
	}
}

// newUserID makes an id of WhatsApp's form: the country of the number, US without one, a dot, and digits.
func newUserID(phone string) string {
	country := whatsapp.Country(phone)
	if len(country) != 2 {
		country = "US"
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e16))
	if err != nil {
		panic(err) // never fails (crypto/rand)
	}
	return country + "." + n.Add(n, big.NewInt(1e16)).String()
}
