package notifying

import (
	"context"
	"io"
	"strings"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people/imports"
	"parley/services/importing"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// MaxList is how many rows a pasted or uploaded list has at most.
const MaxList = 200_000

// List is a list that was pasted or uploaded, with the column that has the numbers: the one that its titles name, until
// a user chooses another one. Country is that of national numbers, empty for none.
type List struct {
	*importing.Table
	Name    string // of the file, empty for a pasted list
	Country string
}

// OpenList reads a list, from a file with a name or pasted. Refusals name list.
func OpenList(ctx context.Context, name string, r io.Reader) (*List, error) {
	file := name
	if file == "" {
		file = "pasted.csv"
	}
	t, err := importing.ReadTable(ctx, file, r, MaxList)
	if e, ok := asRefusal(err); ok {
		return nil, models.InvalidBecause("list", e)
	}
	if err != nil {
		return nil, err
	}
	return &List{Table: t, Name: name}, nil
}

// In sets the country of national numbers. Refusals name list_country.
func (l *List) In(country string) error {
	if country != "" && !whatsapp.KnownCountry(country) {
		return models.Invalid("list_country", "form.country_unknown")
	}
	l.Country = country
	return nil
}

// lookedAt is how many rows Read checks while a user waits for it. The dry run checks all.
const lookedAt = 20_000

// Read counts the rows whose number can be read, and lists at most most rows whose number can't. whole is false if
// there are more rows than it checks.
func (l *List) Read(most int) (good, bad int, problems []imports.ListProblem, whole bool) {
	for _, r := range l.Rows[:min(len(l.Rows), lookedAt)] {
		_, err := phone.Read(r.Cell(l.Phone), l.Country)
		if err == nil {
			good++
			continue
		}
		if bad++; len(problems) < most {
			problems = append(problems, imports.ListProblem{
				Line:    r.Line,
				Address: whatsapp.Plain(r.Cell(l.Phone), 100),
				Reason:  err.Error(),
			})
		}
	}
	return good, bad, problems, len(l.Rows) <= lookedAt
}

// Audience is the list as an audience: the numbers with their lines, and the other columns by their titles. Refusals
// name list.
func (l *List) Audience() (notifications.Audience, []notifications.ListRow, error) {
	if l.Phone < 0 {
		return notifications.Audience{}, nil, models.Invalid("list", "notification.list_column_missing")
	}
	a := notifications.Audience{
		Kind:    "list",
		Name:    l.Name,
		Rows:    len(l.Rows),
		Country: l.Country,
		Number:  l.Titles[l.Phone],
	}
	for k, title := range l.Titles {
		if k != l.Phone {
			a.Columns = append(a.Columns, title)
		}
	}
	rows := make([]notifications.ListRow, len(l.Rows))
	for i, r := range l.Rows {
		row := notifications.ListRow{
			N:       int(r.Line),
			Address: strings.TrimSpace(r.Cell(l.Phone)),
			Columns: map[string]string{},
		}
		for k, c := range r.Cells {
			if k != l.Phone && k < len(l.Titles) && c != "" {
				row.Columns[l.Titles[k]] = c
			}
		}
		rows[i] = row
	}
	return a, rows, nil
}
