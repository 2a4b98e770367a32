package people_test

import (
	"fmt"
	"testing"

	"parley/models"
	"parley/models/people/segments"
	peopleservice "parley/services/people"
	"parley/whatsapp/intent"
)

// Names of tags and topics: 1 to 60 characters, each once, in any case.
func TestNamesOfTags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, otto := t.Context(), d.Actor("Otto")
	refused(t, d.people.AddTag(ctx, otto, "  Big   spender "))
	if got := d.Text("SELECT name FROM tags"); got != "Big spender" {
		t.Errorf("the tag is %q", got)
	}
	refused(t, d.people.AddTag(ctx, otto, "BIG spender"), "name: tag.name_taken")
	refused(t, d.people.AddTag(ctx, otto, " "), "name: form.short_name_length")
	refused(t, d.people.AddTag(ctx, otto, long(61)), "name: form.short_name_length")
	refused(t, d.people.AddTag(ctx, otto, long(60)))
	id := d.Text("SELECT public_id FROM tags WHERE name = 'Big spender'")
	refused(t, d.people.RenameTag(ctx, otto, id, long(61)), "name: form.short_name_length")
	refused(t, d.people.RenameTag(ctx, otto, id, long(60)), "name: tag.name_taken")
	refused(t, d.people.RenameTag(ctx, otto, id, "Spender"))
	refused(t, d.people.RenameTag(ctx, otto, id, "Spender"))
	refused(t, d.people.RenameTag(ctx, otto, "gone", "Spender"), ": tag.not_found")
	if n := d.Number("SELECT count(*) FROM audit_events WHERE action = 'tag.renamed'"); n != 1 {
		t.Errorf("the same name again is on record: %d entries", n)
	}
}

// A deleted tag goes from everybody who had it, and nothing else does.
func TestDeletedTag(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	gone := d.Text("INSERT INTO tags (name) VALUES ('Old') RETURNING public_id")
	d.Exec("INSERT INTO tags (name) VALUES ('VIP')")
	id := d.person("Noor", "+4915112350109", "none")
	d.Exec("UPDATE contacts SET tags = (SELECT array_agg(id) FROM tags)")
	refused(t, d.people.DeleteTag(t.Context(), d.Actor("Otto"), gone))
	if left := d.Text(`SELECT string_agg(t.name, ' ') FROM contacts c JOIN tags t ON t.id = ANY(c.tags)
		WHERE c.public_id = $1`, id); left != "VIP" {
		t.Errorf("the contact has %q", left)
	}
	if n := d.Number("SELECT coalesce(sum(cardinality(tags)), 0) FROM contacts"); n != 1 {
		t.Errorf("%d tags are left on contacts", n)
	}
	refused(t, d.people.DeleteTag(t.Context(), d.Actor("Otto"), gone), ": tag.not_found")
}

// A tag is given once and taken once; the count is of the contacts that changed.
func TestTagIsGivenOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := []string{d.person("Noor", "+4915112350109", "none"), d.person("Zoë", "+4915112350110", "none")}
	d.person("Ines", "+4915112350111", "none")
	for _, c := range []struct {
		change peopleservice.Change
		ids    []string
		said   string
		have   int64
	}{
		{peopleservice.Change{Do: "tag", TagName: "VIP"}, ids[:1], "Tagged 1 contacts.", 1},
		{peopleservice.Change{Do: "tag", TagName: "vip"}, ids, "Tagged 1 contacts.", 2},
		{peopleservice.Change{Do: "tag", TagName: "VIP"}, ids, "Tagged 0 contacts.", 2},
		{peopleservice.Change{Do: "untag"}, ids[1:], "The tag was taken from 1 contacts.", 1},
		{peopleservice.Change{Do: "untag"}, ids[1:], "The tag was taken from 0 contacts.", 1},
	} {
		if c.change.TagName == "" {
			c.change.TagID = d.Text("SELECT public_id FROM tags")
		}
		said, err := d.people.BulkChange(t.Context(), d.Actor("Otto"), peopleservice.Target{IDs: c.ids}, c.change)
		if have := d.Number("SELECT count(*) FROM contacts WHERE tags <> '{}'"); err != nil || said != c.said ||
			have != c.have {
			t.Errorf("%+v: %q, %d have it, %v", c.change, said, have, err)
		}
	}
	if n := d.Number("SELECT count(*) FROM tags"); n != 1 {
		t.Errorf("%d tags", n)
	}
}

// Fields: a name, a kind, and for a choice 2 to 100 different ones.
func TestFieldsOfContacts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	choices := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint("choice ", i))
		}
		return out
	}
	for name, c := range map[string]struct {
		field   peopleservice.Field
		refused []string
	}{
		"a text": {peopleservice.Field{Label: long(60), Kind: "text"}, nil},
		"a label that is too long": {peopleservice.Field{Label: long(61), Kind: "text"},
			[]string{"label: field.name_length"}},
		"no label and no kind": {peopleservice.Field{}, []string{"kind: field.kind_missing", "label: field.name_length"}},
		"one choice twice": {peopleservice.Field{Label: "A", Kind: "choice", Choices: []string{"x", " x", ""}},
			[]string{"choices: field.choices_length"}},
		"two choices": {peopleservice.Field{Label: "Two", Kind: "choice", Choices: choices(2)}, nil},
		"100 choices": {peopleservice.Field{Label: "Many", Kind: "choice", Choices: choices(100)}, nil},
		"101 choices": {peopleservice.Field{Label: "More", Kind: "choice", Choices: choices(101)},
			[]string{"choices: field.choices_length"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, d.people.AddField(t.Context(), d.Actor("Ada"), c.field), c.refused...)
		})
	}
	for i := int64(1); i <= 50-d.Number("SELECT count(*) FROM contact_fields"); {
		label := fmt.Sprint("More ", d.Number("SELECT count(*) FROM contact_fields"))
		refused(t, d.people.AddField(t.Context(), d.Actor("Ada"), peopleservice.Field{Label: label, Kind: "text"}))
		if t.Failed() {
			return
		}
	}
	one := peopleservice.Field{Label: "One too many", Kind: "text"}
	refused(t, d.people.AddField(t.Context(), d.Actor("Ada"), one), "label: field.too_many")
	refused(t, d.people.ArchiveField(t.Context(), d.Actor("Ada"), d.Text("SELECT min(public_id) FROM contact_fields")))
	refused(t, d.people.AddField(t.Context(), d.Actor("Ada"), one))
	if got := d.Text("SELECT key FROM contact_fields WHERE label = 'One too many'"); got != "one_too_many" {
		t.Errorf("its key is %q", got)
	}
}

// A segment has a name and a filter that narrows; only its owner or an operator deletes it.
func TestSegmentsOfUsers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, some := t.Context(), segments.ContactFilter{Query: "Noor"}
	for name, c := range map[string]struct {
		form    peopleservice.SegmentForm
		refused []string
	}{
		"a name at its limit": {peopleservice.SegmentForm{Name: long(80), Filter: some, Shared: true}, nil},
		"beyond it": {peopleservice.SegmentForm{Name: long(81), Filter: some},
			[]string{"name: segment.name_length"}},
		"no name":   {peopleservice.SegmentForm{Name: " ", Filter: some}, []string{"name: segment.name_length"}},
		"everybody": {peopleservice.SegmentForm{Name: "All"}, []string{"filter: segment.filter_empty"}},
		"a part that is unknown": {peopleservice.SegmentForm{Name: "X", Filter: segments.ContactFilter{
			Query:   "Noor",
			Unknown: []string{"tag"},
		}}, []string{"filter: segment.filter_unresolved"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.people.SaveSegment(ctx, d.Actor("Ada"), c.form)
			refused(t, err, c.refused...)
		})
	}
	_, err := d.people.SaveSegment(ctx, models.System("API"), peopleservice.SegmentForm{Name: "X", Filter: some})
	refused(t, err, ": segment.sign_in_to_save")
	id := d.Text("SELECT public_id FROM segments")
	_, err = d.people.DeleteSegment(ctx, d.Actor("Ana"), models.Agent, id)
	refused(t, err, ": segment.delete_not_yours")
	_, err = d.people.DeleteSegment(ctx, d.Actor("Otto"), models.Operator, id)
	refused(t, err)
}

// Keywords have one meaning each, and Twilio's own stay.
func TestKeywordLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	save := func(words map[intent.Keyword][]string, replies map[intent.Keyword]map[string]string) error {
		return d.people.SaveKeywords(t.Context(), d.Actor("Ada"), intent.Keywords{Words: words, Replies: replies})
	}
	words := func(stop string, start ...string) map[intent.Keyword][]string {
		return map[intent.Keyword][]string{intent.StopKeyword: {stop}, intent.StartKeyword: start}
	}
	refused(t, save(words(long(40)), nil))
	refused(t, save(words(long(41)), nil), "words-stop: keyword.too_long")
	refused(t, save(words("basta", "BASTA"), nil), "words-start: keyword.taken")
	refused(t, save(words("x", "stop"), nil), "words-start: keyword.taken")
	reply := func(n int) map[intent.Keyword]map[string]string {
		return map[intent.Keyword]map[string]string{intent.HelpKeyword: {"en": long(n)}}
	}
	refused(t, save(words("basta"), reply(1001)), "reply-help-en: keyword.reply_too_long")
	refused(t, save(words("basta"), reply(1000)))
	k, err := models.Read(d.Store).Keywords(t.Context())
	if err != nil || k.Of("stop") != intent.StopKeyword || k.Of("Basta") != intent.StopKeyword ||
		k.Of("help") != intent.HelpKeyword {
		t.Errorf("%v, %v", k.Words, err)
	}
}

// Values of archived fields stay, and a profile with an old version is refused.
func TestProfileIsSaved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.person("Noor", "+4915112350109", "none")
	d.Exec(`INSERT INTO contact_fields (key, label, kind, choices, archived_at) VALUES
		('vip', 'VIP', 'text', '[]', NULL), ('old', 'Old', 'text', '[]', now())`)
	d.Exec(`UPDATE contacts SET fields = '{"old": "x", "vip": "y"}'`)
	save := func(p peopleservice.Profile) error {
		return d.people.Save(t.Context(), d.Actor("Otto"), id, p)
	}
	refused(t, save(peopleservice.Profile{Version: 1, Name: long(201), Language: "xx_XX", TimeZone: "Local"}),
		"name: contact.name_too_long", "language: contact.language_unknown", "time_zone: contact.time_zone_unknown")
	refused(t, save(peopleservice.Profile{Version: 1, Name: long(200), TimeZone: "Europe/Berlin"}))
	if got := d.Text("SELECT CAST(fields AS text) FROM contacts"); got != `{"old": "x"}` {
		t.Errorf("the fields are %s", got)
	}
	refused(t, save(peopleservice.Profile{Version: 1, Name: "Noor"}), ": contact.stale")
	refused(t, d.people.Note(t.Context(), d.Actor("Ana"), id, long(4001)), "note: contact.note_length")
	refused(t, d.people.Note(t.Context(), d.Actor("Ana"), id, long(4000)))
	note := peopleservice.ContactNote{ContactID: id, NoteID: d.Text("SELECT public_id FROM contact_notes")}
	refused(
		t,
		d.people.RemoveNote(t.Context(), models.Actor{ID: d.Actor("Ada").ID}, models.Agent, note),
		": note.not_found",
	)
	refused(t, d.people.RemoveNote(t.Context(), d.Actor("Otto"), models.Operator, note))
}
