package notifying

import (
	"context"
	"io"
	"strings"

	"parley/models"
	"parley/services/importing"
)

// MaxList is how many rows a pasted or uploaded list has at most.
const MaxList = 200_000

// ReadList reads a list that was pasted or uploaded: the numbers, and the other columns by their titles. Refusals name
// list.
func ReadList(ctx context.Context, name string, r io.Reader) (models.Audience, []models.ListRow, error) {
	t, err := importing.ReadTable(ctx, name, r, MaxList)
	if err != nil {
		var m *models.Error
		if e, ok := asRefusal(err); ok {
			m = e
			return models.Audience{}, nil, models.Invalid("list", m.Message)
		}
		return models.Audience{}, nil, err
	}
	a := models.Audience{Kind: "list", Rows: len(t.Rows)}
	if !strings.HasPrefix(name, "pasted") {
		a.Name = name
	}
	for k, title := range t.Titles {
		if k != t.Phone {
			a.Columns = append(a.Columns, title)
		}
	}
	rows := make([]models.ListRow, len(t.Rows))
	for i, cells := range t.Rows {
		row := models.ListRow{N: i + 1, Columns: map[string]string{}}
		for k, c := range cells {
			if k == t.Phone {
				row.Address = c
			} else if k < len(t.Titles) && c != "" {
				row.Columns[t.Titles[k]] = c
			}
		}
		rows[i] = row
	}
	return a, rows, nil
}
