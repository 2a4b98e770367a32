package imports

// ColumnKinds are what a column can mean besides a custom field, with their words.
var ColumnKinds = [][2]string{
	{"phone", "Phone number"},
	{"name", "Name"},
	{"first_name", "First name"},
	{"last_name", "Last name"},
	{"language", "Language"},
	{"time_zone", "Time zone"},
	{"tags", "Tags, separated by commas"},
	{"consent", "Opted in: yes or no"},
	{"consent_at", "Date of the opt-in or opt-out"},
	{"opted_out", "Opted out: yes, or a date"},
	{"proof", "Proof of the opt-in"},
}

// TableRow is a row with its line in the file.
type TableRow struct {
	Line  int64
	Cells []string
}

// Cell is a row's value in a column.
func (r TableRow) Cell(n int) string {
	if n < 0 || n >= len(r.Cells) {
		return ""
	}
	return r.Cells[n]
}

// ListProblem is a row of a list whose number can't be read, with the reason.
type ListProblem struct {
	Line    int64
	Address string
	Reason  string
}
