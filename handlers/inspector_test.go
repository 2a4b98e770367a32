package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/conversations/mediafiles"
	"parley/models/conversations/receipts"
	"parley/simulator"
	"parley/whatsapp"
)

// Files from customers are served with their real type, or not shown at all; links for Twilio expire.
func TestMediaIsHarmless(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	send := func(kind string, content []byte) mediafiles.MediaFile {
		n := len(a.thread(c))
		a.Sim.Write(lena, simulator.BusinessPhone, simulator.Outgoing{File: content, ContentType: kind})
		var f mediafiles.MediaFile
		a.eventually("the file is here", func() bool {
			list := a.thread(c)
			if len(list) <= n || len(list[len(list)-1].Media) == 0 {
				return false
			}
			f = list[len(list)-1].Media[0]
			return f.File != ""
		})
		return f
	}
	for kind, content := range map[string][]byte{"image/png": []byte("<html><script>alert(1)</script>"), "text/html": []byte("<html><script>alert(1)</script>"), "image/svg+xml": []byte("<svg onload=alert(1)>"), "application/x-msdownload": []byte("MZ\x90\x00")} {
		f := send(kind, content)
		r := ana.get("/media/" + f.PublicID)
		if !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") || strings.HasPrefix(r.Header.Get("Content-Type"), "image/png") {
			t.Errorf("%s is served inline: %v", kind, r.Header)
		}
	}
	picture := bytes.Repeat([]byte("x"), 10)
	if f := send("image/png", append(samplePNG(t, 1600, 1200), picture...)); f.Thumb == "" {
		t.Error("a large picture has no thumbnail")
	} else if r := ana.get("/media/" + f.PublicID + "/thumb"); r.Status != 200 || r.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("thumbnail: %d %s", r.Status, r.Header.Get("Content-Type"))
	}
	if r := ana.upload("/conversations/"+c.PublicID+"/replies", "ok.png", samplePNG(t, 20, 20), "see"); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	var link string
	a.eventually("it went out", func() bool {
		for _, m := range a.Sim.Messages(lena) {
			if m.Body == "see" {
				link = strings.TrimPrefix(m.Media, a.URL)
			}
		}
		return link != ""
	})
	stranger := a.as("")
	if r := stranger.get(link); r.Status != 200 {
		t.Errorf("Twilio can't fetch it: %d", r.Status)
	}
	if r := stranger.get(link + "x"); r.Status != 404 {
		t.Errorf("a changed link: %d", r.Status)
	}
	a.Sim.MoveClock(29 * time.Hour)
	if r := stranger.get(link); r.Status != 404 {
		t.Errorf("the link still works a day later: %d", r.Status)
	}
}

// The inspector shows which token signed a delivery, its outcome, and late deliveries; playing one again is safe.
func TestInspector(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	a.as("ana").post("/conversations/"+c.PublicID+"/replies", reply("Answer"))
	m := a.last(c, whatsapp.Delivered)
	a.signed("/webhooks/twilio/status", url.Values{"MessageSid": {*m.TwilioSid}, "AccountSid": {account}, "MessageStatus": {"queued"}, "To": {"whatsapp:" + lena}})
	ada := a.as("ada")
	page := ada.get("/settings/webhooks?q=" + url.QueryEscape(lena)).Doc()
	if n := page.Find(`[data-testid="receipt"]`).Length(); n < 3 {
		t.Errorf("%d deliveries of her number", n)
	}
	if late := ada.get("/settings/webhooks?verdict=out_of_order").Text(); !strings.Contains(late, "Out of order") || !strings.Contains(late, "after a later status") {
		t.Errorf("what came late is not marked: %s", late)
	}
	if n := ada.get("/settings/webhooks?q=SM0000").Doc().Find(`[data-testid="receipt"]`).Length(); n != 0 {
		t.Errorf("a search for nothing finds %d", n)
	}
	list, err := receipts.Read(a.Store).Receipts(t.Context(), receipts.ReceiptFilter{Kind: "message", Limit: 5})
	if err != nil || len(list) != 1 {
		t.Fatal(err, len(list))
	}
	one := "/settings/webhooks/" + list[0].PublicID
	if text := ada.get(one).Text(); !strings.Contains(text, "token no. 2") || !strings.Contains(text, "Lena") {
		t.Errorf("the delivery: %s", text)
	}
	if r := ada.post(one+"/replay", nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if text := ada.get(one).Text(); !strings.Contains(text, "Played again") || !strings.Contains(text, "stored already") {
		t.Errorf("after playing it again: %s", text)
	}
	if n := len(a.thread(c)); n != 2 {
		t.Errorf("%d messages after playing it again", n)
	}
	a.exec("DELETE FROM messages WHERE conversation_id = $1 AND direction = 'inbound'", c.ID) // simulates a lost message
	ada.post(one+"/replay", nil)
	if n := len(inbound(a.thread(c))); n != 1 {
		t.Errorf("playing it again did not bring back what was lost: %d", n)
	}
}
