package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// Copied cells and formatted text also contain a picture of themselves: pasting or dropping them inserts the text. A
// picture alone, and a file with its name, are attached.
func TestPasteKeepsTheText(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	ada.open("/inbox?q=Noor")
	ada.openChat()
	ada.until("#write textarea")
	// The browser's own handling of the text does not run for synthetic events, so the test inserts the text unless the
	// page prevents it.
	give := func(kind, text, html, file string) {
		t.Helper()
		ada.act(kind, fmt.Sprintf(`(async () => {
			document.body.dataset.given = "";
			const canvas = document.createElement("canvas");
			canvas.width = canvas.height = 40;
			const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
			const data = new DataTransfer();
			if (%[2]q) data.setData("text/plain", %[2]q);
			if (%[3]q) data.setData("text/html", %[3]q);
			data.items.add(new File([blob], %[4]q, { type: "image/png" }));
			const event = %[1]q === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
				: new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
			const area = document.querySelector("#write textarea"); // only now: the composer may have been drawn once more
			if (area.dispatchEvent(event)) {
				area.focus();
				area.setRangeText(%[2]q, area.value.length, area.value.length, "end");
				area.dispatchEvent(new Event("input", { bubbles: true }));
			}
			document.body.dataset.given = "1";
		})()`, kind, text, html, file))
		ada.until("body[data-given='1']")
	}
	attached := func() string {
		return ada.eval(`String(document.querySelectorAll("#uploads .upload-row, #uploads [data-testid=upload]").length)`)
	}

	const cells = "Monday\t9:30\nTuesday\t10:00\n"
	give("paste", cells, "<table><tr><td>Monday</td></tr></table>", "image.png")
	if got := ada.eval(`document.querySelector("#write textarea").value`); !strings.Contains(got, "Tuesday\t10:00") || attached() != "0" {
		t.Errorf("pasted cells: %q, %s attached", got, attached())
	}
	give("drop", "Formatted words", "<b>Formatted words</b>", "image.png")
	if got := ada.eval(`document.querySelector("#write textarea").value`); !strings.Contains(got, "Formatted words") || attached() != "0" {
		t.Errorf("dropped text: %q, %s attached", got, attached())
	}
	give("paste", "", "<img src='https://example.com/a.png'>", "image.png")
	ada.until("#uploads [data-testid=upload] img")
	give("paste", "holiday.png", "", "holiday.png")
	ada.until("#uploads [data-testid=upload]:nth-of-type(2), #uploads [data-testid=upload] ~ [data-testid=upload]")
	if got := ada.eval(`document.querySelector("#write textarea").value`); strings.Contains(got, "holiday.png") {
		t.Errorf("the file's name went into the text: %q", got)
	}
}

// Two users view one conversation and press the same key within a second: the conversation is resolved, and stays
// resolved.
func TestTwoPeoplePressE(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada, ana := d.window("ada"), d.window("ana")
	ada.signIn("ada@example.com")
	ana.signIn("ana@example.com")
	for _, p := range []*person{ada, ana} {
		p.open("/inbox?q=Noor")
		p.openChat()
		p.until(`[data-key="e"]`)
	}
	key := `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }))`
	before := ana.text(`[data-key="e"]`)
	// Ana is about to press the key: she presses it at the moment when her page reverses the button's meaning.
	ana.act("watch", fmt.Sprintf(`(() => {
		const press = () => { const b = document.querySelector('[data-key="e"]'); if (!b || b.innerText.trim() === %q) return; watch.disconnect(); %s; };
		const watch = new MutationObserver(press);
		watch.observe(document.body, { subtree: true, childList: true, characterData: true });
	})()`, strings.TrimSpace(before), key))
	ada.act("press e", key)
	ana.see("#toasts", "has just resolved this chat")
	ana.open("/inbox?view=resolved&q=Noor")
	ana.see("#list", "Noor")
}
