package approvals

import (
	"slices"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/notifications"
	"parley/models/templates"
	"parley/whatsapp"
)

// decision is the new state of a version, and the reason.
type decision struct {
	state  whatsapp.Approval
	reason string // of a rejection
}

// decided applies a decision to a version, pauses notifications that may not continue, and alerts the users concerned.
func (s *Service) decided(tx *models.Tx, a models.Actor, v *templates.TemplateVersion, d decision) error {
	before := v.State
	if err := templates.MoveApproval(tx, a, v, d.state, d.reason); err != nil {
		return err
	}
	alert, tells := d.alert(v)
	switch {
	case !tells:
		return nil
	case d.state == whatsapp.Approved:
		return models.AddAlert(tx, authors(v), alert)
	}
	n, err := notifications.PauseNotifications(tx, a, v, v.Title()+" is "+string(d.state)+" at WhatsApp.")
	if n > 0 {
		alert.Body += " " + stopped(n)
	}
	if before == whatsapp.Submitted && a.ID != nil {
		return err // the user is watching the page
	}
	if err != nil {
		return err
	}
	return models.AddAlert(tx, authors(v), alert)
}

// alert is the alert about a decision; tells reports whether there is one.
func (d decision) alert(v *templates.TemplateVersion) (alert models.Alert, tells bool) {
	what := v.Title()
	alert = models.Alert{
		Tone: whatsapp.ToneBad,
		Href: "/templates/" + v.Template.PublicID,
		Body: whatsapp.RejectionAdvice(d.reason),
	}
	switch d.state {
	case whatsapp.Approved:
		alert.Tone, alert.Title, alert.Body = whatsapp.ToneGood, what+" is approved", "It can be sent from now on."
	case whatsapp.Rejected:
		alert.Title = what + " was rejected"
		if d.reason != "" {
			alert.Body = strings.TrimRight(d.reason, ". ") + ". " + alert.Body
		}
	case whatsapp.Paused:
		alert.Tone, alert.Title = whatsapp.ToneWarn, what+" was paused by WhatsApp"
		alert.Body = "People blocked or reported it. It comes back by itself after a few hours; " +
			"until then nothing goes out with it."
	case whatsapp.Disabled:
		alert.Title = what + " was disabled by WhatsApp"
		alert.Body = "It can't be sent any more. Write a new version that people expect and want."
	default:
		return alert, false
	}
	return alert, true
}

func stopped(n int) string {
	if n == 1 {
		return "One notification is paused until somebody decides."
	}
	return strconv.Itoa(n) + " notifications are paused until somebody decides."
}

// recategorised stores the category that WhatsApp assigned. A change pauses running notifications, because price and
// rules change with it.
func (s *Service) recategorised(tx *models.Tx, v *templates.TemplateVersion, category whatsapp.Category) (bool, error) {
	if !slices.Contains(whatsapp.Categories(), category) || category == v.Category {
		return false, nil
	}
	before := v.EffectiveCategory()
	v.Category = category
	if before == category {
		return false, nil
	}
	what := v.Title()
	alert := models.Alert{
		Tone:  whatsapp.ToneWarn,
		Title: what + " was moved to " + strings.ToLower(string(category)),
		Href:  "/templates/" + v.Template.PublicID,
		Body:  "WhatsApp moved it from " + strings.ToLower(string(before)) + ": its price changes.",
	}
	if category == whatsapp.Marketing {
		alert.Body += " Parley sends no promotion, so nothing goes out with it. " +
			"Take out what reads as promotion in a new version."
	}
	n, err := notifications.PauseNotifications(
		tx,
		models.System("WhatsApp"),
		v,
		what+" was moved to "+strings.ToLower(string(category))+" by WhatsApp.",
	)
	if n > 0 {
		alert.Body += " " + stopped(n)
	}
	if err != nil {
		return true, err
	}
	if err := models.AddAlert(tx, authors(v), alert); err != nil {
		return true, err
	}
	return true, models.Audit(
		tx,
		models.System("WhatsApp"),
		"template.category",
		models.About("template", v.Template.PublicID).With(map[string]any{"from": before, "to": category}),
		what+" was moved to "+strings.ToLower(string(category)),
	)
}

// authors are the users who wrote and last edited a version; none for an imported one, which means all operators.
func authors(v *templates.TemplateVersion) []int64 {
	var out []int64
	for _, id := range []*int64{v.AuthorID, v.EditedBy} {
		if id != nil {
			out = append(out, *id)
		}
	}
	return out
}
