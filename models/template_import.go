package models

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"parley/whatsapp"
)

// ImportedPlaceholders are the placeholders of a content that was made elsewhere, in the order of their numbers here. They
// keep Twilio's own variable names where these are not 1 to n, because values must be sent under them. samples are by
// Twilio's names.
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

// ReadImportedAgain reads the placeholders of contents that were made elsewhere once more: earlier, those with other names
// than letters and digits were not seen. contents are by sid, nil for all that were imported, of which only the texts are
// known then.
func (s *Store) ReadImportedAgain(ctx context.Context, contents map[string]ImportedContent) error {
	// What was imported as a draft is made at Twilio again, with numbers for its variables: Twilio's names hold no more.
	err := s.read(ctx).Exec(`UPDATE template_versions SET placeholders = (SELECT jsonb_agg(p.value - 'key' ORDER BY p.n) FROM jsonb_array_elements(placeholders) WITH ORDINALITY AS p (value, n))
		WHERE origin_sid IS NOT NULL AND content_sid IS DISTINCT FROM origin_sid AND jsonb_path_exists(placeholders, '$[*].key')`).Error
	if err != nil {
		return err
	}
	q := s.read(ctx).Select("id", "content_sid", "content_type", "body", "content", "placeholders", "unfillable").Where("content_sid = origin_sid")
	if contents != nil {
		sids := []string{""}
		for sid := range contents {
			sids = append(sids, sid)
		}
		q = q.Where("content_sid IN ?", sids)
	}
	var versions []TemplateVersion
	if err := q.Find(&versions).Error; err != nil {
		return err
	}
	type change struct {
		ID           int64         `json:"id"`
		Placeholders []Placeholder `json:"placeholders"`
		Unfillable   string        `json:"unfillable"`
	}
	var changes []change
	for i := range versions {
		v := &versions[i]
		was := change{v.ID, v.Placeholders, v.Unfillable}
		now := change{v.ID, placeholdersAgain(v, contents[*v.ContentSid].Samples), v.Unfillable}
		if c, ok := contents[*v.ContentSid]; ok {
			now.Unfillable = c.Unfillable
		}
		if now.Unfillable != was.Unfillable || !slices.Equal(now.Placeholders, was.Placeholders) {
			changes = append(changes, now)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	b, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	return s.read(ctx).Exec(`UPDATE template_versions v SET placeholders = x.placeholders, unfillable = x.unfillable
		FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x (id bigint, placeholders jsonb, unfillable text) WHERE v.id = x.id`, string(b)).Error
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
