package importing

import (
	"context"
	"fmt"
	"io"

	"parley/models/people/imports"
	"parley/whatsapp"
)

// Report writes the refused rows as CSV: line, column, value and reason. masked hides the middle of numbers.
func (s *Service) Report(ctx context.Context, w io.Writer, i *imports.Import, masked bool) error {
	out, err := newSheet(w, "csv")
	if err != nil {
		return err
	}
	if err := out.row([]string{"line", "column", "value", "reason"}); err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := imports.Read(s.store).ImportRefusals(ctx, i.ID, after, 5000)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return out.close()
		}
		for _, r := range rows {
			if masked {
				r.Value = whatsapp.MaskCell(r.Value)
			}
			if err := out.row([]string{fmt.Sprint(r.Line), r.Field, r.Value, r.Reason}); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Line
	}
}
