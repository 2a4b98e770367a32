package twilio_test

import (
	"strings"
	"testing"
	"time"

	"parley/services/twilio"
	"parley/simulator"
)

// The Senders API and the typing indicator: every call and every response conforms to Twilio's OpenAPI files.
func TestSendersAreTwilios(t *testing.T) {
	client, sim, c := setUp(t)
	const phone = "+493022334455"
	profile := twilio.SenderProfile{Name: "Harbor Clinic", About: "Care by the water", Address: "Kai 12", Description: "A clinic", LogoURL: "https://example.com/logo.png", Vertical: "Medical and Health", Website: "https://example.com", Email: "ada@example.com"}
	made, err := client.CreateSender(twilio.NewSender{Phone: phone, CodeMethod: "sms", Profile: profile, CallbackURL: "https://desk.example.com/in", StatusURL: "https://desk.example.com/status"})
	if err != nil || made.Status != "CREATING" || made.Phone != phone {
		t.Fatalf("%+v %v", made, err)
	}
	wait := func(status string) twilio.Sender {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(2 * time.Millisecond) {
			got, err := client.FetchSender(made.Sid)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("never %s: %+v %v", status, got, err)
			}
			if got.Status == status {
				return got
			}
		}
	}
	wait("PENDING_VERIFICATION")
	if _, err := client.VerifySender(made.Sid, "x"); twilio.OutcomeOf(err) != twilio.Refused || twilio.CodeOf(err) == 0 {
		t.Errorf("a wrong code: %v", err)
	}
	for _, o := range sim.Senders() {
		if o.Phone == phone {
			if got, err := client.VerifySender(made.Sid, o.Code); err != nil || got.Status != "VERIFYING" {
				t.Errorf("the right code: %+v %v", got, err)
			}
		}
	}
	if got := wait("ONLINE"); got.Profile != profile || got.Quality != "HIGH" || got.MessagingLimit != "250 Customers/24hr" || got.CallbackURL != "https://desk.example.com/in" {
		t.Errorf("online: %+v", got)
	}
	profile.About = "Open on Sunday"
	if got, err := client.SetSenderProfile(made.Sid, profile); err != nil || got.Status != "ONLINE:UPDATING" {
		t.Errorf("profile: %+v %v", got, err)
	}
	if _, err := client.SetSenderWebhooks(made.Sid, "https://desk.example.com/other", "https://desk.example.com/status"); err != nil {
		t.Error(err)
	}
	if got := wait("ONLINE"); got.Profile.About != "Open on Sunday" || got.CallbackURL != "https://desk.example.com/other" {
		t.Errorf("changed: %+v", got)
	}
	list, err := client.Senders(t.Context())
	if err != nil || len(list) != 2 {
		t.Errorf("list: %+v %v", list, err)
	}
	if _, err := client.CreateSender(twilio.NewSender{Phone: phone, CodeMethod: "sms", Profile: profile}); twilio.OutcomeOf(err) != twilio.Refused {
		t.Errorf("registered twice: %v", err)
	}
	if _, err := client.FetchSender("XE" + strings.Repeat("0", 32)); err == nil {
		t.Error("an unknown sender is found")
	}
	sim.AddCustomer(customer, "Noor")
	sid := sim.Write(customer, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
	if err := client.ShowTyping(sid); err != nil {
		t.Error(err)
	}
	if n := c.seen["POST /v2/Indicators/Typing.json"]; n != 1 {
		t.Errorf("the typing indicator was held against the file %d times", n)
	}
}
