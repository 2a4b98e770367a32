package approvals

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/whatsapp"
)

// ImportArgs asks a job to import what exists at Twilio.
type ImportArgs struct {
	UserID int64 `json:"user_id"`
}

// Kind names the job.
func (ImportArgs) Kind() string { return "import_templates" }

// Import starts importing the templates that exist in the Twilio account.
func (s *Service) Import(ctx context.Context, a models.Actor) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		if a.ID == nil {
			return models.Conflict("template.sign_in_to_import")
		}
		return tx.Enqueue(ImportArgs{UserID: *a.ID}, nil)
	})
}

// ImportNow is the job behind Import: every content that belongs to no version yet is added with its approval. One that
// was never submitted becomes a draft. The user is alerted of how many were imported.
func (s *Service) ImportNow(ctx context.Context, userID int64) error {
	a := models.Actor{ID: &userID, Name: "Import"}
	if u, err := accounts.Read(s.store).UserByID(ctx, userID); err == nil {
		a.Name = u.Name
	}
	added, left, all := 0, 0, 0
	err := s.twilio.Contents(ctx, func(list []twilio.Listing) error {
		n, odd, err := s.importPage(ctx, a, list)
		added, left, all = added+n, left+odd, all+len(list)
		return err
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d new of %d contents at Twilio.", added, all)
	if added == 0 {
		text = fmt.Sprintf("Nothing new: %d contents of Twilio are here already.", all-left)
	}
	if left > 0 {
		text += fmt.Sprintf(" %d could not be read and were left at Twilio: their SIDs are in Parley's log.", left)
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return models.AddAlert(
			tx,
			[]int64{userID},
			models.Alert{Tone: whatsapp.ToneGood, Title: "Templates were imported", Body: text, Href: "/templates?view=list"},
		)
	})
}

// importPage adds a page of contents. One that the schema refuses, such as a language that WhatsApp does not have, is
// left out, so that the others are still imported.
func (s *Service) importPage(ctx context.Context, a models.Actor, list []twilio.Listing) (added, left int, err error) {
	sids := make([]string, 0, len(list))
	for _, l := range list {
		sids = append(sids, l.Sid)
	}
	known, err := templates.Read(s.store).KnownContents(ctx, sids)
	if err != nil {
		return 0, 0, err
	}
	versions, err := templates.Read(s.store).VersionsBySid(ctx, sids)
	if err != nil {
		return 0, 0, err
	}
	if err := s.readAgain(ctx, versions, list); err != nil {
		return 0, 0, err
	}
	for _, l := range slices.Backward(list) { // Twilio lists the newest first: versions count upwards
		if known[l.Sid] {
			continue
		}
		ok, err := s.importOne(ctx, a, l)
		if models.Refused(err) {
			s.log.WarnContext(ctx, "content left out of the import",
				"sid", l.Sid, "name", l.FriendlyName, "language", l.Language, "error", err)
			left++
			continue
		}
		if err != nil {
			return added, left, fmt.Errorf("import %s: %w", l.Sid, err)
		}
		if ok {
			added++
		}
	}
	return added, left, nil
}

// readAgain compares the variables of contents that were imported earlier with what Twilio lists.
func (s *Service) readAgain(
	ctx context.Context, versions map[string]*templates.TemplateVersion, list []twilio.Listing,
) error {
	contents := make(map[string]templates.ImportedContent, len(list))
	for _, l := range list {
		contents[l.Sid] = templates.ImportedContent{Samples: l.Samples, Unfillable: l.Unfillable}
	}
	return templates.ReadImportedAgain(ctx, s.store, versions, contents)
}

var versionSuffix = regexp.MustCompile(`_v[0-9]+$`)

// importOne adds a content as a version. It reports whether it was new.
func (s *Service) importOne(ctx context.Context, a models.Actor, l twilio.Listing) (bool, error) {
	v := listedVersion(l)
	added := false
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		now := tx.Now()
		t := templates.Template{Category: listedCategory(l), SendRole: models.Agent, CreatedAt: now}
		name := listedName(l)
		if adoptState(v, l, t.Category, now) {
			t.FixedAt = &now
			name = versionSuffix.ReplaceAllString(name, "") // a later version of ours is the same template
		}
		var err error
		added, err = templates.ImportTemplate(tx, a, name, t, v)
		if err == nil && added && (v.State == whatsapp.Submitted || v.State == whatsapp.Pending) {
			err = schedulePoll(tx, v.ID)
		}
		return err
	})
	return added, err
}

// listedName is the name of a content's template: the one at WhatsApp, else the one in the Console.
func listedName(l twilio.Listing) string {
	name := l.Approval.Name
	if name == "" {
		name = whatsapp.TemplateName(l.FriendlyName)
	}
	if name == "" {
		name = strings.ToLower(l.Sid)
	}
	if !whatsapp.ValidTemplateName(name) {
		name = whatsapp.TemplateName(name)
	}
	return name
}

// listedCategory is WhatsApp's category, or utility if that is missing or unknown.
func listedCategory(l twilio.Listing) whatsapp.Category {
	c := whatsapp.Category(strings.ToUpper(l.Approval.Category))
	if c == whatsapp.Authentication || c == whatsapp.Marketing {
		return c
	}
	return whatsapp.Utility
}

// listedVersion is a content as a draft.
func listedVersion(l twilio.Listing) *templates.TemplateVersion {
	v := &templates.TemplateVersion{
		Language:     l.Language,
		State:        whatsapp.Draft,
		OriginSid:    &l.Sid,
		TwilioState:  l.Approval.Status,
		WhatsappName: l.Approval.Name,
	}
	if v.Language == "" {
		v.Language = "en"
	}
	c := l.Content.Content
	if c.Type == whatsapp.TypeAuthentication {
		c.Body = whatsapp.AuthenticationText(v.Language, &c)
	}
	v.SetContent(&c)
	v.Placeholders = templates.ImportedPlaceholders(&c, l.Samples)
	return v
}

// adoptState sets a version's state as it is at Twilio, if WhatsApp knows it or it needs no approval, and reports
// whether it did. Else it stays a draft.
func adoptState(v *templates.TemplateVersion, l twilio.Listing, category whatsapp.Category, now time.Time) bool {
	state, known := whatsapp.ApprovalFromTwilio(l.Approval.Status)
	switch {
	case known:
		v.State, v.RejectionReason, v.Category = state, l.Approval.RejectionReason, category
		if state.Decided() {
			v.DecidedAt = &now
		}
	case v.ContentType.SessionOnly():
		v.State = whatsapp.Ready
	default: // a draft is created at Twilio again, with numbers for its variables
		for i := range v.Placeholders {
			v.Placeholders[i].Key = ""
		}
		return false
	}
	v.ContentSid, v.Unfillable = &l.Sid, l.Unfillable
	return true
}
