// Package health checks whether sending and receiving work: the credentials and whether Twilio answers, the webhooks,
// the queue. It stores the results in the database, so that every page can show them cheaply.
package health

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parley/models"
	"parley/models/senders"
	"parley/services/loopback"
	"parley/services/twilio"
	"parley/whatsapp"
)

//nolint:gosec // Twilio signs with it

// Service runs the health checks.
type Service struct {
	store     *models.Store
	twilio    *twilio.Client
	publicURL string
	token     string
	log       *slog.Logger
}

// Options of the service.
type Options struct {
	PublicURL string // where Twilio reaches Parley
	Token     string // the first of the tokens that webhooks are signed with
	Log       *slog.Logger
}

// New makes the service.
func New(store *models.Store, client *twilio.Client, opt Options) *Service {
	return &Service{
		store:     store,
		twilio:    client,
		publicURL: opt.PublicURL,
		token:     opt.Token,
		log:       opt.Log,
	}
}

// TestPath is where Parley's own signed test goes.
const TestPath = "/webhooks/twilio/test"

// LateAfter is how long a reply may wait in the queue before the banner says so.
const LateAfter = 2 * time.Minute

// SilentAfter is how long an accepted message may stay without any status before the callbacks are considered broken.
const SilentAfter = 10 * time.Minute

// Check runs all checks. It is called every minute, and on request.
func (s *Service) Check(ctx context.Context) error {
	check, err := s.Credentials(ctx)
	if err != nil {
		return err
	}
	v, err := models.Read(s.store).Vitals(ctx)
	if err != nil {
		return err
	}
	senders, err := senders.Read(s.store).Senders(ctx)
	if err != nil {
		return err
	}
	return errors.Join(models.NoteCheck(ctx, s.store, verdict(models.CheckSending, s.sending(check, v, senders))),
		models.NoteCheck(ctx, s.store, verdict(models.CheckReceiving, s.receiving(v))))
}

func verdict(name, problem string) models.Check {
	if problem == "" {
		return models.Check{Name: name, OK: true, Said: "Works"}
	}
	return models.Check{Name: name, Said: problem}
}

// Credentials makes a small request to Twilio and stores the result.
func (s *Service) Credentials(ctx context.Context) (models.Check, error) {
	c := models.Check{Name: models.CheckTwilio, OK: true, Said: "Twilio answers, and the credentials are good."}
	if err := s.twilio.Check(); err != nil {
		c.OK, c.Code, c.Said = false, twilio.CodeOf(err), "Twilio can't be reached from here."
		switch e, ok := errors.AsType[*twilio.Error](err); {
		case c.Code != 0:
			c.Said = whatsapp.Explain(c.Code, "").Meaning + ". " + whatsapp.Explain(c.Code, "").Do
		case ok && e.Status != 0:
			c.Said = fmt.Sprintf("Twilio answers with an error (HTTP %d).", e.Status)
		}
	}
	return c, models.NoteCheck(ctx, s.store, c)
}

// sending says why nothing can be sent, empty if sending works.
func (s *Service) sending(check models.Check, v models.Vitals, senders []senders.Sender) string {
	if !check.OK {
		return "Messages can't be sent: " + lower(check.Said)
	}
	for _, x := range senders {
		if x.IsDefault && x.State != whatsapp.SenderOnline {
			return "The default sender, " + x.Name + ", is offline: its messages wait."
		}
	}
	if v.OldestDue != nil && s.store.Now().Sub(*v.OldestDue) > LateAfter {
		return "Messages wait longer than they should: the oldest one for " + minutes(s.store.Now().Sub(*v.OldestDue)) + "."
	}
	return ""
}

// receiving says why nothing is received, empty if receiving works.
func (s *Service) receiving(v models.Vitals) string {
	if mostFailed(v.GoodHour, v.BadHour) {
		return fmt.Sprintf(
			"%d of %d webhooks of the last hour had a wrong signature: check TWILIO_AUTH_TOKEN, and that PUBLIC_URL (%s) is "+
				"exactly what Twilio calls.",
			v.BadHour,
			v.GoodHour+v.BadHour,
			s.publicURL,
		)
	}
	if v.NotStored > 0 {
		return fmt.Sprintf(
			"Not all that Twilio sent could be stored: %d deliveries are kept under Settings, Webhooks, Not stored. "+
				"Play them again.",
			v.NotStored,
		)
	}
	if v.SilentSince != nil {
		silent := s.store.Now().Sub(*v.SilentSince)
		if silent > SilentAfter && (v.LastStatusAt == nil || time.Since(*v.LastStatusAt) > silent) {
			return "Twilio takes messages, but tells nothing about them: its callbacks don't reach " + s.publicURL + "."
		}
	}
	return ""
}

// Wrong signatures are worth a banner if there were ten or more in an hour, and a tenth or more of its deliveries:
// anybody can post a few.
const (
	fewDeliveries = 10
	badPercent    = 10
)

func mostFailed(good, bad int64) bool {
	all := good + bad
	return all >= fewDeliveries && 100*bad >= badPercent*all
}

func lower(s string) string {
	if strings.HasPrefix(s, "Twilio") || s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func minutes(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// TestArgs asks a job to run a check now.
type TestArgs struct {
	What string `json:"what"`
}

// Kind names the job.
func (TestArgs) Kind() string { return "test_connection" }

// Ask has a job check the credentials (CheckTwilio) or the webhooks (CheckWebhooks).
func (s *Service) Ask(ctx context.Context, what string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.Enqueue(TestArgs{What: what}, nil) })
}

// TestNow is the job behind Ask.
func (s *Service) TestNow(ctx context.Context, a TestArgs) error {
	if a.What == models.CheckWebhooks {
		_, err := s.Webhooks(ctx)
		return err
	}
	return s.Check(ctx)
}

// Webhooks calls Parley's own public address with a signed form, as Twilio would, and stores the result. That also
// tests proxies in front of Parley, but not the connection from Twilio to them.
func (s *Service) Webhooks(ctx context.Context) (models.Check, error) {
	c := models.Check{Name: models.CheckWebhooks}
	switch status, err := s.callSelf(ctx); {
	case err != nil:
		s.log.Info("the webhook test does not reach our own address", "error", err)
		c.Said = "Nothing answers at " + s.publicURL +
			": set PUBLIC_URL to the address under which this server is reached from outside."
	case status == http.StatusForbidden:
		c.Said = "The signature does not match: whatever stands in front of Parley changes the address. " +
			"PUBLIC_URL must be what Twilio calls."
	case status >= 300:
		c.Said = fmt.Sprintf(
			"%s answers with HTTP %d instead of Parley's answer: something else stands at this address.",
			s.publicURL,
			status,
		)
	default:
		c.OK, c.Said = true, "A signed call to "+s.publicURL+" arrived and was accepted."
	}
	if c.OK && loopback.URL(s.publicURL) {
		c.Said += " Twilio itself can't reach an address like this one; in the simulation it need not."
	}
	return c, models.NoteCheck(ctx, s.store, c)
}

func (s *Service) callSelf(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	address := s.publicURL + TestPath
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("Test=1"))
	if err != nil {
		return 0, err
	}
	mac := hmac.New(sha1.New, []byte(s.token))
	_, _ = mac.Write([]byte(address + "Test1"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
