package imports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/models/people"
	"parley/models/people/imports"
	"parley/views/components"
	"parley/whatsapp"
)

var importStates = map[imports.ImportState]struct {
	Text string
	Tone whatsapp.Tone
}{
	imports.ImportNew: {
		"Choose columns",
		whatsapp.ToneInfo,
	},
	imports.ImportChecking: {"Dry run", whatsapp.ToneInfo},
	imports.ImportChecked:  {"Ready", whatsapp.ToneInfo},
	imports.ImportHeld:     {"Held", whatsapp.ToneWarn},
	imports.ImportRunning: {
		"Under way",
		whatsapp.ToneInfo,
	},
	imports.ImportDone:     {"Done", whatsapp.ToneGood},
	imports.ImportCanceled: {"Stopped", ""},
	imports.ImportUndoing:  {"Being taken back", whatsapp.ToneWarn},
	imports.ImportUndone:   {"Taken back", ""},
	imports.ImportFailed:   {"Failed", whatsapp.ToneBad},
}

func importLine(i *imports.Import) string {
	switch i.State {
	case imports.ImportDone, imports.ImportCanceled, imports.ImportUndone:
		return fmt.Sprintf("%s new, %s changed", components.Grouped(i.Counts.Added), components.Grouped(i.Counts.Updated))
	case imports.ImportChecked, imports.ImportHeld:
		return fmt.Sprintf("%s rows", components.Grouped(i.Lines))
	default: // nothing has been counted yet, or only a part
		return components.Bytes(i.Size)
	}
}

func importHint(i *imports.Import) string { return components.Bytes(i.Size) + ", " + formats[i.Format] }

var formats = map[string]string{"csv": "CSV", "xlsx": "Excel workbook"}

var encodings = map[string]string{"utf-8": "UTF-8", "utf-16": "UTF-16", "windows-1252": "Windows-1252"}

func sniffed(i *imports.Import) string {
	if i.Format == "xlsx" {
		return "The first sheet of the workbook is read."
	}
	sep := map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[i.Options.Separator]
	return fmt.Sprintf("The text is %s, split by %s.", encodings[i.Options.Encoding], sep)
}

// liveTrigger says when the part is fetched again. While the form is being filled in, it is not fetched after a
// reconnect.
func liveTrigger(i *imports.Import) string {
	on := i.Topic() + " from:body throttle:300ms"
	if i.State.Active() {
		on += ", resync from:body"
	}
	return on
}

func liveURL(i *imports.Import) string { return "/contacts/imports/" + i.PublicID + "?part=1" }

func percent(i *imports.Import) int64 {
	done, of := i.Done, i.Lines-i.Counts.Refused
	switch i.State {
	case imports.ImportChecking:
		of = i.Size
	case imports.ImportUndoing:
		done, of = i.Counts.Removed+i.Counts.Restored+i.Counts.Untouched, i.Lines
	default: // ImportRunning: the other states show no percentage
	}
	return min(99, 100*done/max(of, 1))
}

var runningTitles = map[imports.ImportState]string{
	imports.ImportChecking: "The file is read",
	imports.ImportRunning:  "Contacts come in",
	imports.ImportUndoing:  "The import is taken back",
}

func runningTitle(i *imports.Import) string { return runningTitles[i.State] }

func runningText(i *imports.Import) string {
	switch i.State {
	case imports.ImportRunning:
		return fmt.Sprintf(
			"%s new and %s changed so far.",
			components.Grouped(i.Counts.Added),
			components.Grouped(i.Counts.Updated),
		)
	case imports.ImportUndoing:
		return fmt.Sprintf(
			"%s removed and %s restored so far.",
			components.Grouped(i.Counts.Removed),
			components.Grouped(i.Counts.Restored),
		)
	default:
		return "Nothing changes during a dry run."
	}
}

// cell is a count with its label.
type countCell struct {
	Name, Label string
	N           int64
}

func countCells(k imports.ImportCounts) []countCell {
	out := []countCell{
		{"new", "New", k.New},
		{"changed", "Changed", k.Changed},
		{"same", "The same already", k.Same},
		{"refused", "Refused", k.Refused},
	}
	if k.Doubtful > 0 {
		out = append(out, countCell{"doubtful", "Of these, to check", k.Doubtful})
	}
	if k.OptIns > 0 {
		out = append(out, countCell{"opt-ins", "Opt-ins recorded", k.OptIns})
	}
	if k.OptOuts > 0 {
		out = append(out, countCell{"opt-outs", "Opt-outs recorded", k.OptOuts})
	}
	if k.OptOutsOnly > 0 {
		out = append(out, countCell{"opt-outs-only", "Opt-out recorded, rest refused", k.OptOutsOnly})
	}
	if k.KeptOut > 0 {
		out = append(out, countCell{"kept-out", "Stay opted out", k.KeptOut})
	}
	return out
}

func unreadTitle(n int64) string {
	if n == 1 {
		return "One opt-out in the file can't be recorded."
	}
	return components.Grouped(n) + " opt-outs in the file can't be recorded."
}

func unreadValue(value string) string {
	if value == "" {
		return "no number"
	}
	return value
}

// LinePrefix begins the form value of a number to check for readers who may not see the number: its line follows.
const LinePrefix = "line-"

// doubtfulValue is the form value of a number to check.
func doubtfulValue(ctx context.Context, r imports.ImportRefusal) string {
	if components.Masked(ctx) {
		return LinePrefix + components.Int(r.Line)
	}
	return r.Number
}

// listedTitle says how many lines are listed, and why.
func listedTitle(k imports.ImportCounts) string {
	parts := []string{components.Grouped(k.Refused) + " refused"}
	if k.OptOutsOnly > 0 {
		parts = append(parts, components.Grouped(k.OptOutsOnly)+" of which only the opt-out counts")
	}
	if k.Noted > 0 {
		parts = append(parts, components.Grouped(k.Noted)+" to look at")
	}
	if k.Refused == 0 {
		parts = parts[1:]
	}
	return strings.Join(parts, ", ")
}

func listedHint(k imports.ImportCounts) string {
	switch {
	case k.OptOutsOnly > 0:
		return "Refused rows are left out; where only the opt-out counts, the rest of the row is. The others are taken."
	case k.Refused == 0:
		return "These rows are taken."
	}
	return "These rows are left out. The others are taken."
}

func endedCells(i *imports.Import) []countCell {
	k := i.Counts
	if i.State == imports.ImportUndone {
		return []countCell{
			{"removed", "Removed", k.Removed},
			{"restored", "As before", k.Restored},
			{"untouched", "Kept: used since, or opted out", k.Untouched},
			{"withdrawn", "Opt-ins taken back", k.Withdrawn},
		}
	}
	out := []countCell{
		{"added", "New", k.Added},
		{"updated", "Changed", k.Updated},
		{"refused", "Refused", k.Refused},
		{"kept-out", "Stay opted out", k.KeptOut},
	}
	if k.OptOuts > 0 {
		out = append(out, countCell{"opt-outs", "Opt-outs recorded", k.OptOuts})
	}
	return out
}

func endedTitle(i *imports.Import) string {
	switch i.State {
	case imports.ImportCanceled:
		return "Stopped. What had come in until then is there."
	case imports.ImportUndone:
		return "Taken back."
	default:
		return "Done."
	}
}

func canUndo(i *imports.Import) bool {
	return (i.State == imports.ImportDone || i.State == imports.ImportCanceled) && i.Counts.Added+i.Counts.Updated > 0
}

func numbersToCheck(n int64) string {
	if n == 1 {
		return "1 number to check"
	}
	return components.Grouped(n) + " numbers to check"
}

func startText(k imports.ImportCounts) string {
	if k.New+k.Changed == 0 {
		return "Nothing to import"
	}
	return "Import " + components.Grouped(k.New+k.Changed) + " contacts"
}

func at(cells []string, n int) string {
	if n < len(cells) {
		return cells[n]
	}
	return ""
}

func overwrite(b bool) string {
	if b {
		return "1"
	}
	return ""
}

func (p ImportProps) firstTag() string {
	for _, t := range p.Tags {
		if slices.Contains(p.Import.Options.Tags, t.ID) {
			return t.PublicID
		}
	}
	return ""
}

func columnName(kind string, fields []people.ContactField) string {
	for _, o := range columnOptions(fields) {
		if o.Value == kind {
			return o.Label
		}
	}
	for _, k := range imports.ColumnKinds {
		if k[0] == kind {
			return k[1]
		}
	}
	return kind
}
