package reports

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"parley/models/notifications"
	"parley/models/senders"
	"parley/views/components"
	"parley/whatsapp"
)

// MessageProps are what the report of messages shows.
type MessageProps struct {
	Days               int
	By, Sender         string
	Senders            []senders.Sender
	Rows               []notifications.ReportRow
	Codes              []Code
	Currency, PricesOf string
	Gone               []components.Gone // values in the report's address that no longer exist
}

// Name is the report's grouping as it is used in the name of an exported file.
func (p MessageProps) Name() string {
	if slices.ContainsFunc(byNames, func(b [2]string) bool { return b[0] == p.By }) {
		return p.By
	}
	return "day"
}

// Code is how often an error code occurred, with its meaning.
type Code struct {
	notifications.FailureCount
	Advice whatsapp.Advice
}

func (p MessageProps) url(by string, days int) string {
	return p.path("/reports/messages", by, days)
}

func (p MessageProps) path(base, by string, days int) string {
	q := url.Values{"by": {by}, "days": {strconv.Itoa(days)}}
	if p.Sender != "" {
		q.Set("sender", p.Sender)
	}
	return base + "?" + q.Encode()
}

func (p MessageProps) senders() []components.Option {
	out := []components.Option{{Label: "All senders"}}
	for _, s := range p.Senders {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name})
	}
	return components.WithGone(out, p.Sender)
}

func (p MessageProps) total() (t notifications.ReportRow) {
	for _, r := range p.Rows {
		t.Sent += r.Sent
		t.Delivered += r.Delivered
		t.Read += r.Read
		t.Failed += r.Failed
		t.Replied += r.Replied
		t.OptedOut += r.OptedOut
		t.Cost += r.Cost
	}
	return t
}

// The chart's box, in its own units.
const (
	chartWide = 960.0
	chartHigh = 200.0
)

// bar is one column of the chart: its position, and the heights for sent, delivered and read.
type bar struct {
	X, Width              float64
	Sent, Delivered, Read float64 // heights
	Title, Label          string
}

// bars are the columns of the chart, scaled to the largest.
func (p MessageProps) bars() []bar {
	most := int64(1)
	for _, r := range p.Rows {
		most = max(most, r.Sent)
	}
	step := chartWide / float64(max(1, len(p.Rows)))
	out := make([]bar, len(p.Rows))
	for i, r := range p.Rows {
		h := func(n int64) float64 { return float64(n) / float64(most) * chartHigh }
		out[i] = bar{
			X:         float64(i)*step + step*0.15,
			Width:     step * 0.7,
			Sent:      h(r.Sent),
			Delivered: h(r.Delivered),
			Read:      h(r.Read),
			Title:     fmt.Sprintf("%s: %d sent, %d delivered, %d read", r.Label, r.Sent, r.Delivered, r.Read),
		}
		if day, err := time.Parse(time.DateOnly, r.Key); err == nil && (len(p.Rows) <= 10 || i%(len(p.Rows)/8+1) == 0) {
			out[i].Label = day.Format("2 Jan")
		}
	}
	return out
}

func (p MessageProps) most() int64 {
	most := int64(0)
	for _, r := range p.Rows {
		most = max(most, r.Sent)
	}
	return most
}

func num(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func share(n, of int64) string {
	if of == 0 {
		return ""
	}
	return strconv.FormatInt(n*100/of, 10) + " %"
}

func took(d time.Duration) string {
	switch {
	case d == 0:
		return "—"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	}
	return strconv.FormatFloat(d.Hours(), 'f', 1, 64) + " h"
}

func (p MessageProps) money(f float64) string {
	if f == 0 {
		return "—"
	}
	return p.Currency + " " + strconv.FormatFloat(f, 'f', 2, 64)
}

func (p MessageProps) href(r notifications.ReportRow) string {
	switch {
	case p.By == "template" && r.Key != "":
		return "/templates/" + r.Key
	case p.By == "notification" && r.Key != "":
		return "/notifications/" + r.Key
	}
	return ""
}

var byNames = [][2]string{
	{"day", "Day"},
	{"template", "Template"},
	{"sender", "Sender"},
	{"notification", "Notification"},
}
