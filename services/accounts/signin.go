package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/whatsapp/plaintext"
)

// Limits of signing in, in TriesWindow. An attempt is counted before its password is compared, so that parallel guesses
// count as well.
//
// There is no limit by account alone: with one, anybody could lock out a user by failing on purpose. An attacker who
// guesses one account's password from many networks is slowed by HashesAtOnce, and has to guess a password that
// checkPassword accepts.
const (
	TriesByAccount = 8  // for one account from one network
	TriesByNetwork = 40 // for any account from one network
	TriesWindow    = 15 * time.Minute
)

var (
	errWrong = &models.Error{
		Kind:  models.KindInvalid,
		Field: "password",
		Code:  "signin.wrong_password",
	}
	errTries = &models.Error{
		Kind:  models.KindTooMany,
		Field: "password",
		Code:  "signin.too_many_tries",
	}
)

// SignIn checks an e-mail address and a password. Too many attempts from one network are refused for a while
// (too_many), whether the password is right or not.
func (s *Service) SignIn(ctx context.Context, email, password, ip string) (*accounts.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > maxEmail {
		email = strings.ToValidUTF8(email[:maxEmail], "") // no account has one that long
	}
	try := accounts.SignInTry{
		Email:     email,
		Network:   Network(ip),
		ByAccount: TriesByAccount,
		ByNetwork: TriesByNetwork,
		Since:     time.Now().Add(-TriesWindow),
	}
	counted, err := s.count(ctx, try)
	if err != nil {
		return nil, err
	}
	if counted == 0 {
		return nil, errTries
	}
	u, ok, err := s.compare(ctx, email, password)
	switch {
	case err != nil: // not a guess; the browser may have disconnected
		return nil, errors.Join(err, s.takeBack(ctx, counted))
	case !ok || u.DisabledAt != nil || u.Demo && !s.DemoUsers:
		return nil, errWrong
	}
	return u, accounts.ForgetSignInTries(ctx, s.store, try)
}

// countWithin is how long counting an attempt may take. It doesn't end with the request: if the browser disconnected
// meanwhile, the attempt would stay counted with an unknown id.
const countWithin = 5 * time.Second

func (s *Service) count(ctx context.Context, try accounts.SignInTry) (id int64, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countWithin)
	defer cancel()
	return accounts.CountSignInTry(ctx, s.store, try)
}

func (s *Service) takeBack(ctx context.Context, id int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countWithin)
	defer cancel()
	return accounts.TakeBackSignInTry(ctx, s.store, id)
}

// compare finds an address's user and compares the password; without a user it takes as long. An error means that the
// password was not compared.
func (s *Service) compare(ctx context.Context, email, password string) (u *accounts.User, ok bool, err error) {
	hash := dummy
	u, err = accounts.Read(s.store).UserByEmail(ctx, email)
	switch {
	case err == nil:
		hash = u.PasswordHash
	case models.KindOf(err) != models.KindNotFound:
		return nil, false, err
	}
	ok, err = s.hasher.matches(ctx, password, hash)
	if err != nil {
		return nil, false, fmt.Errorf("compare password: %w", err)
	}
	return u, ok && u.ID != 0, nil
}

// Network is where an attempt comes from: an IPv4 address, or the /56 that a provider gives to one customer over IPv6.
func Network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return plaintext.Cut(ip, 64)
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
