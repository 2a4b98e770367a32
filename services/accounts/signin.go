package accounts

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"parley/models"
)

// Limits of signing in, in TriesWindow. A try counts from before its password is compared, so that guesses made at the
// same time count as well.
//
// There is no limit by account alone: with one, anybody could lock out anybody by failing on purpose. Whoever guesses one
// account's password from many networks is slowed by HashesAtOnce, and has to guess what checkPassword lets through.
const (
	TriesByAccount = 8  // for one account from one network
	TriesByNetwork = 40 // for any account from one network
	TriesWindow    = 15 * time.Minute
)

var (
	errWrong = &models.Error{
		Kind:    models.KindInvalid,
		Field:   "password",
		Message: "This e-mail address and password don't belong together. Check both and try again.",
	}
	errTries = &models.Error{
		Kind:    models.KindTooMany,
		Field:   "password",
		Message: "Too many failed tries. Wait 15 minutes, then try again.",
	}
)

// SignIn checks an e-mail address and a password. Too many tries from one network are refused for a while
// (too_many), whether the password is right or not.
func (s *Service) SignIn(ctx context.Context, email, password, ip string) (*models.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > maxEmail {
		email = strings.ToValidUTF8(email[:maxEmail], "") // nobody's
	}
	try := models.SignInTry{
		Email:     email,
		Network:   Network(ip),
		ByAccount: TriesByAccount,
		ByNetwork: TriesByNetwork,
		Since:     time.Now().Add(-TriesWindow),
	}
	counted, err := s.store.CountSignInTry(ctx, try)
	if err != nil {
		return nil, err
	}
	if !counted {
		return nil, errTries
	}
	u, err := s.store.UserByEmail(ctx, email)
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return nil, err
	}
	hash := dummy
	if err == nil {
		hash = u.PasswordHash
	}
	ok, err := s.hasher.matches(ctx, password, hash)
	switch {
	case err != nil:
		return nil, fmt.Errorf("compare password: %w", err)
	case !ok || u == nil || u.ID == 0 || u.DisabledAt != nil || u.Demo && !s.DemoUsers:
		return nil, errWrong
	}
	return u, s.store.ForgetSignInTries(ctx, try)
}

// Network is where a try comes from: an IPv4 address, or the /56 that a provider gives to one customer over IPv6.
func Network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return first(ip, 64)
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	p, err := addr.Prefix(56)
	if err != nil {
		return addr.String()
	}
	return p.String()
}
