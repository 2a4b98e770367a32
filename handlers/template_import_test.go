package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/xuri/excelize/v2"

	"parley/models"
	"parley/models/templates"
	"parley/simulator"
)

// A team with templates at Twilio can start with them: languages under one name, drafts as drafts, foreign variable
// names kept, and nothing twice.
func TestImport(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	text := func(body string) map[string]map[string]any {
		return map[string]map[string]any{"twilio/text": {"body": body}}
	}
	approved := func(name, category string) *simulator.Approval {
		return &simulator.Approval{Name: name, Category: category, Status: "approved"}
	}
	a.Sim.AddContent(&simulator.Content{FriendlyName: "x", Language: "en", Variables: map[string]string{"name": "Noor", "day": "Monday"}, Types: text("Hello {{name}}, see you on {{day}} at the desk."), Approval: approved("old_reminder", "UTILITY")})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "y", Language: "pt_BR", Variables: map[string]string{"1": "Noor"}, Types: text("Olá {{1}}, até amanhã na clínica."), Approval: approved("old_reminder", "UTILITY")})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "News", Language: "en", Types: text("Our news."), Approval: approved("news", "MARKETING")})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "Never sent in", Language: "en", Types: text("Not yet."), Approval: nil})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "card", Language: "en", Types: map[string]map[string]any{"twilio/card": {"title": "Your table is kept until eight.", "subtitle": "The harbour", "actions": []any{map[string]any{"type": "QUICK_REPLY", "title": "I come", "id": "come"}}}}, Approval: approved("table", "UTILITY")})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "odd", Language: "elvish-9", Types: text("Mae govannen."), Approval: approved("odd", "UTILITY")})
	a.Sim.AddContent(&simulator.Content{FriendlyName: "old", Language: "en", Types: text("No."), Approval: &simulator.Approval{Name: "turned_down", Category: "UTILITY", Status: "rejected", RejectionReason: "INVALID_FORMAT"}})
	for range 2 {
		if r := otto.post("/templates/import", nil); r.Status != http.StatusSeeOther {
			t.Fatalf("import: %d", r.Status)
		}
		a.eventually("the import is told", func() bool { return strings.Contains(otto.get("/bell").Body, "Templates were imported") })
		if !strings.Contains(otto.get("/alerts").Text(), "1 could not be read") {
			t.Error("the odd content is not told of")
		}
		if n := strings.Count(otto.get("/alerts").Text(), "6 new of 10"); n != 1 {
			t.Fatalf("imported %d times: %s", n, otto.get("/alerts").Text())
		}
	}
	list := otto.get("/templates?view=list")
	if n := list.Doc().Find("[data-testid=template-row]").Length(); n != 9 {
		t.Errorf("%d rows: %s", n, list.Text())
	}
	for name, state := range map[string]string{"old_reminder": "approved", "news": "approved", "never_sent_in": "draft", "turned_down": "rejected"} {
		href, _ := otto.get("/templates?view=list&q=" + name).Doc().Find("[data-testid=template-row] a").First().Attr("href")
		if href == "" || otto.get(href).Doc().Find("[data-testid=version][data-state="+state+"]").Length() == 0 {
			t.Errorf("%s is not there as %s", name, state)
		}
	}
	// Twilio's own card becomes WhatsApp's in the editor, with its buttons; promotion does not become a draft.
	page := func(name string) string {
		return otto.get("/templates?view=list&q="+name).Doc().Find("[data-testid=template-row] a").First().AttrOr("href", "")
	}
	card := a.versionOf(page("table"))
	r := otto.post("/versions/"+card.PublicID+"/next", nil)
	draft := otto.get(r.Header.Get("Location")).Doc()
	if draft.Find("[name=type] [selected], [name=type]:checked").AttrOr("value", "") != "whatsapp/card" || draft.Find("[name=action-1-title]").AttrOr("value", "") != "I come" {
		t.Errorf("the card lost something in the editor: %s", draft.Find("#editor").Text())
	}
	news := a.versionOf(page("news"))
	r = otto.post("/versions/"+news.PublicID+"/next", nil)
	if page := otto.get(r.Header.Get("Location")); r.Status != http.StatusSeeOther || !strings.Contains(page.Text(), "duplicate it to write a utility one") {
		t.Errorf("a version of a marketing template: %d %s", r.Status, page.Text())
	}
	// It is sent with Twilio's own variable names, and promotion is not offered at all.
	ids := a.customers("+4915111111111")
	versions, err := templates.Read(a.Store).ApprovedVersions(t.Context(), false, models.Operator)
	if err != nil || len(versions) != 3 {
		t.Fatal(len(versions), err)
	}
	if r := otto.post("/notifications", url.Values{"sender": {a.sender(false).PublicID}, "template": {versions[0].PublicID}, "use_case": {"notification"}, "do": {"send"}, "contact": ids, "value-1": {"Ada"}, "value-2": {"Friday"}, "value-3": {"x"}, "token": {"t"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("send: %d %s", r.Status, r.Text())
	}
	a.eventually("it arrives", func() bool {
		for _, m := range a.Sim.Messages("+4915111111111") {
			if m.Body == "Hello Ada, see you on Friday at the desk." && m.Status == "delivered" {
				return true
			}
		}
		return false
	})
}

// Many drafts from a sheet: CSV with semicolons, Windows' encoding, XLSX; rows that can't become a draft say why.
func TestSheet(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	csv := "name;language;text;button 1;sample Name\nVisit tomorrow;en;\"Hello {{Name}}, your visit\nis tomorrow. Can you come?\";Yes;Noor\nvisit_tomorrow;es;Hola {{Name}}, tu visita es mañana.;;Noor\nother;xx;Nothing.;;\n;;;;\n"
	r := otto.post("/templates/sheet", url.Values{"sheet": {csv}, "do": {"look"}})
	if rows := r.Doc().Find("[data-testid=sheet-rows] tbody tr"); r.Status != 200 || rows.Length() != 3 || !strings.Contains(rows.Last().Text(), "Choose a language") {
		t.Fatalf("look: %d %s", r.Status, r.Text())
	}
	if n := otto.get("/templates?view=list&state=draft").Doc().Find("[data-testid=template-row]").Length(); n != 0 {
		t.Errorf("looking made %d drafts", n)
	}
	r = otto.post("/templates/sheet", url.Values{"sheet": {csv}, "do": {"make"}})
	edit, _ := r.Doc().Find("[data-testid=sheet-rows] a").First().Attr("href")
	if page := otto.get(edit); page.Doc().Find("[name='sample-Name']").AttrOr("value", "") != "Noor" || page.Doc().Find("[name=action-1-title]").AttrOr("value", "") != "Yes" {
		t.Errorf("the first draft: %s", page.Text())
	}
	if n := otto.get("/templates?view=list&state=draft").Doc().Find("[data-testid=template-row]").Length(); n != 2 {
		t.Errorf("%d drafts", n)
	}
	if r := otto.post("/templates/sheet", url.Values{"sheet": {"a,b\n1,2"}, "do": {"make"}}); r.Status != 422 || !strings.Contains(r.Problem("sheet"), "name") || !strings.Contains(r.Body, "a,b") {
		t.Errorf("no columns: %d %q", r.Status, r.Problem("sheet"))
	}
	book := excelize.NewFile()
	for cell, v := range map[string]string{"A1": "Name", "B1": "Text", "A2": "from_excel", "B2": "Your order is packed and ready."} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	x, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a.xlsx": x.Bytes(), "b.csv": []byte("name,text\nfrom_windows,Gr\xfc\xdfe aus K\xf6ln an dich."), "c.xlsx": []byte("PK\x03\x04 broken")} {
		r := otto.uploadFile("/templates/sheet", name, content, "do", "make")
		if name == "c.xlsx" {
			if r.Status != 422 {
				t.Errorf("%s: %d", name, r.Status)
			}
			continue
		}
		if r.Status != 200 || r.Doc().Find("[data-testid=sheet-rows] a").Length() != 1 {
			t.Errorf("%s: %d %s", name, r.Status, r.Text())
		}
		if name == "b.csv" && !strings.Contains(r.Text(), "Grüße aus Köln") {
			t.Errorf("%s: %s", name, r.Text())
		}
	}
}

// A template's file is served to anybody with its key, at an address with a file extension.
func TestTemplateFile(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	png := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{1}, 600)...)
	r := otto.uploadFile("/templates/files", "a.png", png)
	if r.Status != 200 || !strings.HasSuffix(r.Body, ".png") {
		t.Fatalf("upload: %d %s", r.Status, r.Body)
	}
	path := strings.TrimPrefix(r.Body, a.URL)
	if got := a.as("").get(path); got.Status != 200 || got.Header.Get("Content-Type") != "image/png" || got.Body != string(png) {
		t.Errorf("served: %d %s", got.Status, got.Header.Get("Content-Type"))
	}
	if got := a.as("").get(path[:len(path)-8] + "AAAA.png"); got.Status != 404 {
		t.Errorf("without the key: %d", got.Status)
	}
	if r := otto.uploadFile("/templates/files", "a.png", []byte("<script>alert(1)</script>")); r.Status != 422 {
		t.Errorf("no picture: %d", r.Status)
	}
	otto.submitted(with(draftForm("with_picture", "Your plan is here, please have a look."), "type", "twilio/media", "media", a.URL+path), "approved")
}

// The list continues on further pages, finds by name and text, and the board counts.
func TestTemplateList(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.exec(`WITH t AS (INSERT INTO templates (name, category) SELECT 'made_' || i, 'UTILITY' FROM generate_series(1, 120) i RETURNING id, name)
		INSERT INTO template_versions (template_id, language, number, body, updated_at) SELECT id, 'en', 1, 'Text of ' || name || ' 100% sure', now() - id * interval '1 second' FROM t`)
	seen, path := map[string]bool{}, "/templates?view=list&state=draft"
	for pages := 0; path != "" && pages < 10; pages++ {
		d := otto.get(path).Doc()
		d.Find("[data-testid=template-row] a").Each(func(_ int, s *goquery.Selection) { seen[s.Text()] = true })
		path = ""
		d.Find("nav[aria-label=Pages] a").Each(func(_ int, s *goquery.Selection) {
			if s.Text() == "More" {
				path, _ = s.Attr("href")
			}
		})
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 were listed", len(seen))
	}
	for q, n := range map[string]int{"made_7": 11, "MADE_77": 1, "100%25+sure+made_119": 1, "nothing": 0, "_": 50, "' OR 1=1 --": 0} {
		r := otto.get("/templates?view=list&q=" + strings.ReplaceAll(strings.ReplaceAll(q, " ", "+"), "'", "%27"))
		if got := r.Doc().Find("[data-testid=template-row]").Length(); r.Status != 200 || got != n {
			t.Errorf("%q: %d rows, want %d (%d)", q, got, n, r.Status)
		}
	}
	board := otto.get("/templates").Doc()
	if got := strings.Join(strings.Fields(board.Find("[data-column=draft] h2").Text()), " "); got != "Drafts 120" || board.Find("[data-column=draft] [data-testid=template-card]").Length() != 20 {
		t.Errorf("board: %q", got)
	}
	if r := otto.get("/templates?view=list&after=nonsense.x"); r.Status != 422 && r.Status != 400 {
		t.Errorf("a bad cursor: %d", r.Status)
	}
}

// The Sandbox's content SIDs can be replaced by those of the business's account; a template has each language once.
func TestSandboxSidAndLanguageClash(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	list, err := templates.Read(a.Store).ApprovedVersions(t.Context(), true, models.Admin)
	if err != nil {
		t.Fatal(err)
	}
	path, page := "/versions/"+list[0].PublicID+"/sid", "/templates/"+list[0].Template.PublicID
	ada := a.as("ada")
	ada.post(path, url.Values{"content_sid": {"HX12"}})
	if text := ada.get(page).Text(); !strings.Contains(text, "A content SID begins with HX") {
		t.Errorf("a bad SID: %s", text)
	}
	sid := "HX" + strings.Repeat("ab", 16)
	ada.post(path, url.Values{"content_sid": {sid}})
	if v, _ := ada.get(page).Doc().Find("#content_sid").Attr("value"); v != sid {
		t.Errorf("SID: %q", v)
	}
	if r := a.as("otto").post(path, url.Values{"content_sid": {sid}}); r.Status != http.StatusForbidden {
		t.Errorf("otto sets it: %d", r.Status)
	}
	r := ada.post("/templates/autosave", draftForm("twice", "Your order is ready."))
	v, err := templates.Read(a.Store).VersionByPublicID(t.Context(), r.Header.Get("X-Draft"))
	if err != nil {
		t.Fatal(err)
	}
	spanish := ada.post("/templates/"+v.Template.PublicID+"/languages", url.Values{"language": {"es"}}).Header.Get("Location")
	f := opened(draftForm("twice", "Tu pedido está listo."), ada.get(spanish))
	if r := ada.post("/templates/save", with(f, "language", "en", "do", "save")); r.Status != 422 || !strings.Contains(r.Problem("language"), "in that language already") {
		t.Errorf("the same language twice: %d %q", r.Status, r.Problem("language"))
	}
}
