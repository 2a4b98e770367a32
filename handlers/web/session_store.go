package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/whatsapp/plaintext"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"parley/models"
	"parley/models/accounts"
)

const (
	sessionCookie = "parley"
	sessionLife   = 14 * 24 * time.Hour // since the last use
)

// sessionStore is a gorilla/sessions store on PostgreSQL. The cookie holds a signed random token, the database its
// SHA-256; the values are a few strings. A session is stored only if its user is signed in or has a message to see.
type sessionStore struct {
	store  *models.Store
	codecs []securecookie.Codec
	secure bool
}

func newSessionStore(store *models.Store, key []byte, secure bool) *sessionStore {
	codecs := securecookie.CodecsFromPairs(key)
	for _, c := range codecs {
		if s, ok := c.(*securecookie.SecureCookie); ok {
			s.MaxAge(0) // the database decides when a session ends
		}
	}
	return &sessionStore{store: store, codecs: codecs, secure: secure}
}

// Get returns the request's session. It is read only once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session that the cookie names. Without a cookie the session is new and empty; a database error is
// returned.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	out := sessions.NewSession(s, name)
	out.IsNew = true
	out.Options = &sessions.Options{
		Path:     "/",
		HttpOnly: true,
		Secure:   s.secure,
		SameSite: http.SameSiteLaxMode,
		MaxAge:   int(sessionLife.Seconds()),
	}
	cookie, err := r.Cookie(name)
	if err != nil {
		return out, nil //nolint:nilerr // no cookie is no error
	}
	var token string
	if securecookie.DecodeMulti(name, cookie.Value, &token, s.codecs...) != nil {
		return out, nil // signed with another secret, or forged
	}
	row, err := accounts.Read(s.store).SessionByToken(r.Context(), hashToken(token))
	if err != nil || row == nil {
		return out, err
	}
	out.IsNew, out.ID = false, token
	var values map[string]string
	if len(row.Data) > 0 {
		if err := json.Unmarshal(row.Data, &values); err != nil {
			return nil, fmt.Errorf("read session: %w", err)
		}
	}
	for k, v := range values {
		out.Values[k] = v
	}
	out.Values[rowKey{}] = row
	return out, nil
}

type rowKey struct{}

// SessionRow is the session's row, nil for a new one.
func SessionRow(s *sessions.Session) *accounts.Session {
	row, _ := s.Values[rowKey{}].(*accounts.Session)
	return row
}

// Save writes the session and its cookie. A MaxAge below 0 ends the session.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return accounts.DeleteSession(r.Context(), s.store, hashToken(session.ID))
	}
	row := SessionRow(session)
	if row == nil {
		session.ID = rand.Text() + rand.Text()
		row = &accounts.Session{
			TokenHash: hashToken(session.ID),
			CreatedAt: time.Now(),
			IP:        clientIP(r),
			UserAgent: plaintext.Cut(r.UserAgent(), 300),
		}
		session.Values[rowKey{}] = row
	}
	values := map[string]string{}
	for k, v := range session.Values {
		if name, ok := k.(string); ok {
			if text, ok := v.(string); ok {
				values[name] = text
			}
		}
	}
	var err error
	if row.Data, err = json.Marshal(values); err != nil {
		return err
	}
	row.LastSeenAt, row.ExpiresAt = time.Now(), time.Now().Add(sessionLife)
	if err := accounts.SaveSession(r.Context(), s.store, row); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	value, err := securecookie.EncodeMulti(session.Name(), session.ID, s.codecs...)
	if err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), value, session.Options))
	return nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
