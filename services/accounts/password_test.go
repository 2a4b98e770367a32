package accounts

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alexedwards/argon2id"

	"parley/models"
)

func TestCheckPassword(t *testing.T) {
	const short, long, easy = "at least 10", "at most 200", "easy to guess"
	for password, want := range map[string]string{
		"":                                short,
		"h7Kp2mQ9x":                       short,
		"äöüäöüäöü":                       short, // nine characters, eighteen bytes
		strings.Repeat("h7Kp2mQ9x!", 21):  long,
		"aaaaaaaaaa":                      easy,
		"1234567890":                      easy,
		"0987654321":                      easy,
		"          ":                      easy,
		"abcdefghij":                      easy,
		"abababababab":                    easy,
		"a1a1a1a1a1a1a1a1a1a1":            easy,
		"Ab12ab12aB12":                    easy,
		"密码密码密码密码密码":                      easy,
		"qwertyuiop":                      easy,
		"qwertzuiop":                      easy,
		"1q2w3e4r5t":                      easy,
		"password12":                      easy,
		"Passw0rd123!":                    easy,
		"letmein12345":                    easy,
		"trustno1trustno1":                easy,
		"Sommer2026!":                     easy,
		"Willkommen1":                     easy,
		"whatsapp2026":                    easy,
		"ada@example.com":                 easy,
		"AdaAdler123":                     easy,
		"adler.ada1":                      easy,
		"secret-password":                 easy,
		"long enough password":            "",
		"correct horse battery":           "",
		"blue kettle mountain":            "",
		"Kaffee-Fahrrad-Wolke":            "",
		"h7Kp2mQ9xz":                      "",
		"vL9#kq2Mz!":                      "",
		"ñandú-perro-casa":                "",
		strings.Repeat("h7Kp2mQ9x!v", 18): "",
	} {
		err := checkPassword(password, "ada@example.com", "Ada Adler")
		refused, _ := errors.AsType[*models.Error](err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q is refused: %v", password, err)
		case want != "" && (models.KindOf(err) != models.KindInvalid || !strings.Contains(refused.Message(), want)):
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

// Each hash takes 19 MiB, so at most HashesAtOnce are computed at the same time, for any number of requests.
func TestHashesAreBounded(t *testing.T) {
	h := make(hasher, HashesAtOnce)
	var now, most atomic.Int32
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			err := h.do(t.Context(), func() error {
				n := now.Add(1)
				defer now.Add(-1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				_, err := argon2id.CreateHash("blue kettle mountain", params)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() > HashesAtOnce {
		t.Errorf("%d at once", most.Load())
	}
}

func TestHashWaitsNotForEver(t *testing.T) {
	h := make(hasher, 1)
	h <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(ctx, "blue kettle mountain"); models.KindOf(err) != models.KindTooMany {
		t.Errorf("%v", err)
	}
}
