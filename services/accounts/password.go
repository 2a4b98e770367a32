package accounts

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/ccojocar/zxcvbn-go"

	"parley/models"
	"parley/whatsapp/plaintext"
)

// Lengths of a password in characters.
const (
	MinPassword = 10
	maxPassword = 200
)

// minBits is the least strength of a password: 2^24 guesses by zxcvbn's estimate, which includes the 47,000 most common
// passwords, names, words, keyboard rows, dates and sequences.
const minBits = 24

// estimatedLength is how many characters are estimated: the time grows with their square.
const estimatedLength = 64

// guessable are words that people begin passwords with and that are missing in zxcvbn's English lists.
var guessable = []string{
	"whatsapp",
	"twilio",
	"qwertzuiop",
	"1q2w3e4r5t",
	"1qay2wsx3edc",
	"azertyuiop",
	"passwort",
	"kennwort",
	"geheim",
	"hallo",
	"willkommen",
	"sommer",
	"herbst",
	"frühling",
	"fruehling",
	"schatz",
	"firma",
	"contraseña",
	"contrasena",
	"bienvenido",
	"verano",
	"invierno",
	"otoño",
	"primavera",
	"empresa",
	"motdepasse",
	"bonjour",
	"bienvenue",
	"soleil",
	"automne",
	"hiver",
	"printemps",
	"senha",
	"verao",
	"inverno",
	"benvenuto",
	"estate",
	"autunno",
	"wachtwoord",
	"welkom",
	"zomer",
	"haslo",
	"sifre",
	"parola",
}

// checkPassword refuses a password that is too short, too long or easy to guess. about is what is known about its
// owner, such as name and e-mail address; it adds no strength.
func checkPassword(password string, about ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return models.Invalid("password", "password.too_short", "Count", MinPassword)
	case n > maxPassword:
		return models.Invalid("password", "password.too_long", "Count", maxPassword)
	}
	part := unrepeated(plaintext.Cut(password, estimatedLength))
	if utf8.RuneCountInString(part) < MinPassword/2 || zxcvbn.PasswordStrength(part, knownWords(about)).Entropy < minBits {
		return models.Invalid("password", "password.too_easy")
	}
	return nil
}

// unrepeated is the part that a text repeats from its beginning to its end, or the text itself: "abcabcab" is no
// stronger than "abc".
func unrepeated(s string) string {
	all := []rune(strings.ToLower(s))
	for n := 1; n <= len(all)/2; n++ {
		if slices.Equal(all[n:], all[:len(all)-n]) {
			return string(all[:n])
		}
	}
	return s
}

// knownWords are whole values and their parts: "ana@clinic.example" is also "ana", "clinic" and "example".
func knownWords(about []string) []string {
	out := append([]string{}, guessable...)
	for _, text := range about {
		text = strings.ToLower(text)
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" .@-_+", r) })
		out = append(append(out, text, strings.Join(parts, "")), parts...)
	}
	return out
}

// params follow OWASP's advice for argon2id: 19 MiB, two passes, one thread.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummy is compared against when there is no such user, so that the response time reveals nothing.
var dummy = func() string {
	h, err := argon2id.CreateHash("no such user", params)
	if err != nil {
		panic(err) // no randomness: nobody can sign in safely
	}
	return h
}()

// HashesAtOnce is how many passwords are hashed at the same time at most: each takes 19 MiB.
const HashesAtOnce = 4

// hashWait is how long a request waits for its turn to hash.
const hashWait = 10 * time.Second

// hasher lets HashesAtOnce callers hash at a time.
type hasher chan struct{}

var errBusy = &models.Error{
	Kind:  models.KindTooMany,
	Field: "password",
	Code:  "signin.busy",
}

// do runs fn when its turn comes. It refuses with KindTooMany if that takes longer than hashWait.
func (h hasher) do(ctx context.Context, fn func() error) error {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h <- struct{}{}:
	case <-ctx.Done():
		return errBusy
	}
	defer func() { <-h }()
	return fn()
}

func (h hasher) hash(ctx context.Context, password string) (hash string, err error) {
	err = h.do(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(password, params)
		return err
	})
	return hash, err
}

// matches compares a password with a hash. A text that is too long to be a password matches nothing and takes the same
// time.
func (h hasher) matches(ctx context.Context, password, hash string) (ok bool, err error) {
	tooLong := utf8.RuneCountInString(password) > maxPassword
	if tooLong {
		password, hash = "", dummy
	}
	err = h.do(ctx, func() (err error) {
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return ok && !tooLong, err
}
