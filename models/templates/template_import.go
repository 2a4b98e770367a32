package templates

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// ImportedPlaceholders are the placeholders of a content that was made elsewhere, in the order of their numbers here.
// They keep Twilio's own variable names where these are not 1 to n, because values must be sent under them. samples are
// by Twilio's names.
func ImportedPlaceholders(c *whatsapp.Content, samples map[string]string) []Placeholder {
	byName, keys := map[string]string{}, map[string]string{}
	for k, sample := range samples {
		name := strings.TrimSpace(k)
		byName[name], keys[name] = sample, k
	}
	code := c.Type == whatsapp.TypeAuthentication
	names := c.UsedNames()
	plain := true
	for i, n := range names {
		plain = plain && (n == strconv.Itoa(i+1) || code)
	}
	out := []Placeholder{}
	for i, n := range names {
		p := Placeholder{Name: n, Sample: byName[n]}
		if !plain {
			if p.Key = keys[n]; p.Key == "" {
				p.Key = n
			}
		}
		if code {
			p.Sample = byName[strconv.Itoa(i+1)]
		}
		out = append(out, p)
	}
	return out
}

// ImportedContent is what Twilio says about a content that was imported before.
type ImportedContent struct {
	Samples    map[string]string // by Twilio's names
	Unfillable string            // see whatsapp.Unfillable
}

// ReadImportedAgain reads the placeholders of contents that were made elsewhere again: earlier versions of Parley
// missed those whose names have characters other than letters and digits. versions are as Reads.VersionsBySid found
// them, contents are by sid; a version of a content that was made here is left alone. Only changes are written.
func ReadImportedAgain(
	ctx context.Context, s *models.Store, versions map[string]*TemplateVersion, contents map[string]ImportedContent,
) error {
	type change struct {
		ID           int64         `json:"id"`
		Placeholders []Placeholder `json:"placeholders"`
		Unfillable   string        `json:"unfillable"`
	}
	var changes []change
	var topics []string
	for sid, c := range contents {
		v := versions[sid]
		if v == nil || v.OriginSid == nil || *v.OriginSid != sid {
			continue
		}
		now := change{
			ID:           v.ID,
			Placeholders: placeholdersAgain(v, c.Samples),
			Unfillable:   c.Unfillable,
		}
		if now.Unfillable != v.Unfillable || !slices.Equal(now.Placeholders, v.Placeholders) {
			changes, topics = append(changes, now), append(topics, v.Template.Topic())
		}
	}
	if len(changes) == 0 {
		return nil
	}
	b, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		err := base.DB(tx).Exec(`UPDATE template_versions v SET placeholders = x.placeholders, unfillable = x.unfillable
			FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x (id bigint, placeholders jsonb, unfillable text)
			WHERE v.id = x.id`, string(b)).Error
		tx.Publish(append(topics, "templates")...)
		return err
	})
}

// placeholdersAgain are a version's placeholders as they are read now, with what is known of them.
func placeholdersAgain(v *TemplateVersion, samples map[string]string) []Placeholder {
	if len(samples) == 0 {
		samples = map[string]string{}
		for i, p := range v.Placeholders {
			key := cmp.Or(p.Key, p.Name)
			if v.ContentType == whatsapp.TypeAuthentication {
				key = strconv.Itoa(i + 1)
			}
			samples[key] = p.Sample
		}
	}
	out := ImportedPlaceholders(v.Whole(), samples)
	for i := range out {
		before := v.Placeholder(out[i].Name)
		out[i].Field, out[i].Default = before.Field, before.Default
	}
	return out
}
