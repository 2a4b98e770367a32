package importing

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"parley/models"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/services/media"
	"parley/services/spreadsheet"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/plaintext"
)

// MaxFile is the largest accepted file, in bytes: enough for a million rows with a dozen columns.
const MaxFile = 512 << 20

// Service imports and exports contacts.
type Service struct {
	store *models.Store
	files *media.Files
	log   *slog.Logger
}

// New makes the service.
func New(store *models.Store, files *media.Files, log *slog.Logger) *Service {
	return &Service{store: store, files: files, log: log}
}

// Args ask a job to continue an import from its current state.
type Args struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job.
func (Args) Kind() string { return "import_contacts" }

// Upload stores a file and detects its format. A file that is neither CSV nor XLSX is refused at once (field file).
func (s *Service) Upload(ctx context.Context, a models.Actor, name string, r io.Reader) (*imports.Import, error) {
	name = plaintext.Cut(filepath.Base(strings.ReplaceAll(name, `\`, "/")), 200)
	file, size, err := s.files.Keep(ctx, r, MaxFile)
	if errors.Is(err, media.ErrTooLarge) {
		return nil, models.Invalid("file", "import.too_large", "Megabytes", MaxFile>>20)
	}
	if err != nil {
		return nil, err
	}
	i := &imports.Import{Name: name, File: file, Size: size, State: imports.ImportNew}
	err = s.detectFormat(ctx, i)
	if err == nil {
		err = s.guess(ctx, i)
	}
	if err != nil {
		return nil, errors.Join(err, s.files.Delete(ctx, file))
	}
	return i, s.store.InTx(ctx, func(tx *models.Tx) error { return imports.AddImport(tx, a, i) })
}

// detectFormat detects the file's format, encoding and separator, or why it can't be read.
func (s *Service) detectFormat(ctx context.Context, i *imports.Import) error {
	f, err := s.files.Local(ctx, i.File)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	layout, err := spreadsheet.Detect(f, i.Name)
	if err != nil {
		return err
	}
	i.Format, i.Options.Encoding, i.Options.Separator = layout.Format, layout.Encoding, layout.Separator
	return nil
}

// open reads an import's file from its beginning.
func (s *Service) open(ctx context.Context, i *imports.Import) (spreadsheet.Rows, error) {
	f, err := s.files.Local(ctx, i.File)
	if err != nil {
		return nil, err
	}
	return spreadsheet.Open(f, spreadsheet.Layout{
		Format:    i.Format,
		Encoding:  i.Options.Encoding,
		Separator: i.Options.Separator,
	})
}

// guess proposes what the columns mean.
func (s *Service) guess(ctx context.Context, i *imports.Import) error {
	rows, err := s.Preview(ctx, i, 20)
	if err != nil {
		return err
	}
	fields, err := people.Read(s.store).ContactFields(ctx)
	if err != nil {
		return err
	}
	i.Options.Header, i.Options.Columns = guessColumns(rows, fields)
	if i.Options.Header {
		rows = rows[1:]
	}
	i.Options.Consent = "none"
	n := slices.Index(i.Options.Columns, "consent")
	if n >= 0 && slices.ContainsFunc(rows, func(cells []string) bool { return optsIn(cells, n) }) {
		i.Options.Consent = "column"
	}
	return nil
}

// optsIn reports whether a row's column n says that a person opted in.
func optsIn(cells []string, n int) bool {
	if n >= len(cells) {
		return false
	}
	said, _ := intent.ReadConsent(cells[n])
	return said == whatsapp.OptedIn
}

// Preview is the first n lines of a file as they are parsed.
func (s *Service) Preview(ctx context.Context, i *imports.Import, n int) ([][]string, error) {
	f, err := s.open(ctx, i)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out [][]string
	for len(out) < n {
		_, cells, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, models.Invalid("file", "import.unreadable", "Reason", spreadsheet.Reason(err))
		}
		out = append(out, slices.Clone(cells))
	}
	if len(out) == 0 {
		return nil, models.Invalid("file", "import.no_rows")
	}
	return out, nil
}

// Proof stores a file that proves the opt-ins of a whole import and returns its id.
func (s *Service) Proof(ctx context.Context, a models.Actor, name string, r io.Reader) (*people.ContactFile, error) {
	f, err := s.files.KeepContactFile(ctx, name, r)
	if err != nil {
		return nil, err
	}
	return f, s.store.InTx(ctx, func(tx *models.Tx) error { return people.AddContactFile(tx, a, nil, f) })
}
