package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"parley/models"
	"parley/services/media"
	"parley/services/spreadsheet"
	"parley/whatsapp"
)

// MaxFile is the largest file that is taken, in bytes: a million rows with a dozen columns fit in.
const MaxFile = 512 << 20

// Service brings contacts in and out.
type Service struct {
	store *models.Store
	files *media.Files
	log   *slog.Logger
}

// New makes the service.
func New(store *models.Store, files *media.Files, log *slog.Logger) *Service {
	return &Service{store: store, files: files, log: log}
}

// Args ask a job to go on with an import, from where it stands.
type Args struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job.
func (Args) Kind() string { return "import_contacts" }

// Upload keeps a file and looks what it is. One that is no CSV and no XLSX is refused at once (field file).
func (s *Service) Upload(ctx context.Context, a models.Actor, name string, r io.Reader) (*models.Import, error) {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	file, size, err := s.files.Keep(ctx, r, MaxFile)
	if errors.Is(err, media.ErrTooLarge) {
		return nil, models.Invalid("file", fmt.Sprintf("The file is larger than %d MB: split it.", MaxFile>>20))
	}
	if err != nil {
		return nil, err
	}
	i := &models.Import{Name: name, File: file, Size: size, State: models.ImportNew}
	err = s.detectFormat(ctx, i)
	if err == nil {
		err = s.guess(ctx, i)
	}
	if err != nil {
		return nil, errors.Join(err, s.files.Delete(ctx, file))
	}
	return i, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddImport(a, i) })
}

// detectFormat finds out the file's format, encoding and separator, or why it can't be read.
func (s *Service) detectFormat(ctx context.Context, i *models.Import) error {
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
func (s *Service) open(ctx context.Context, i *models.Import) (spreadsheet.Rows, error) {
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
func (s *Service) guess(ctx context.Context, i *models.Import) error {
	rows, err := s.Preview(ctx, i, 20)
	if err != nil {
		return err
	}
	fields, err := s.store.ContactFields(ctx)
	if err != nil {
		return err
	}
	i.Options.Header, i.Options.Columns = guessColumns(rows, fields)
	if i.Options.Header {
		rows = rows[1:]
	}
	i.Options.Consent = "none"
	if n := slices.Index(
		i.Options.Columns,
		"consent",
	); n >= 0 &&
		slices.ContainsFunc(rows, func(cells []string) bool { return optsIn(cells, n) }) {
		i.Options.Consent = "column"
	}
	return nil
}

// optsIn reports whether a row's column n says that somebody opted in.
func optsIn(cells []string, n int) bool {
	if n >= len(cells) {
		return false
	}
	said, _ := whatsapp.ReadConsent(cells[n])
	return said == whatsapp.OptedIn
}

// Preview is the first n lines of a file as they are read.
func (s *Service) Preview(ctx context.Context, i *models.Import, n int) ([][]string, error) {
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
		return nil, models.Invalid("file", "The file has no rows.")
	}
	return out, nil
}

var importSources = []whatsapp.ConsentSource{
	whatsapp.SourceImport,
	whatsapp.SourceWebForm,
	whatsapp.SourcePaper,
	whatsapp.SourceByHand,
}

// Check begins the dry run with chosen options. Refusals name phone, country, consent, source, proof or wording.
func (s *Service) Check(ctx context.Context, a models.Actor, id string, o models.ImportOptions) error {
	var errs []error
	phones := 0
	for n, c := range o.Columns {
		if c == "phone" {
			phones++
		}
		if c != "" && c != "tags" && slices.Contains(o.Columns[:n], c) {
			errs = append(errs, models.Invalid("columns", "Two columns say the same: choose one of them."))
		}
	}
	if phones == 0 {
		errs = append(errs, models.Invalid("columns", "Choose the column with the phone numbers."))
	}
	if o.Country != "" && !whatsapp.KnownCountry(o.Country) {
		errs = append(errs, models.Invalid("country", "Choose a country from the list."))
	}
	if o.Consent == "column" && !slices.Contains(o.Columns, "consent") {
		errs = append(
			errs,
			models.Invalid("consent", "Choose the column that says who opted in, or that nobody's opt-in is claimed."),
		)
	}
	if o.Consent == "all" || o.Consent == "column" {
		if !slices.Contains(importSources, o.Source) {
			errs = append(errs, models.Invalid("source", "Choose how these people opted in."))
		}
		if o.Proof == "" && o.FileID == nil && !slices.Contains(o.Columns, "proof") {
			errs = append(
				errs,
				models.Invalid(
					"proof",
					"An opt-in needs its proof: say where and when these people agreed, attach the form, or choose the column that has it.",
				),
			)
		}
		if o.Wording == "" {
			errs = append(errs, models.Invalid("wording", "Write down what these people were shown when they agreed."))
		}
	} else {
		o.Consent, o.Source, o.Proof, o.Wording, o.FileID = "none", "", "", "", nil
	}
	if whatsapp.Length(o.Proof) > 2000 || whatsapp.Length(o.Wording) > 2000 {
		errs = append(errs, models.Invalid("proof", "Proof and wording have at most 2,000 characters."))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.move(ctx, a, id, func(_ *models.Tx, i *models.Import) error {
		if i.State != models.ImportNew && i.State != models.ImportChecked && i.State != models.ImportHeld {
			return models.Conflict("This import is under way already.")
		}
		o.Separator, o.Encoding = i.Options.Separator, i.Options.Encoding
		o.Confirmed = i.Options.Confirmed
		o.ConfirmedAll = i.Options.ConfirmedAll && o.Country == i.Options.Country &&
			slices.Equal(o.Columns, i.Options.Columns)
		if o.Consent != "none" && o.Proof == "" && o.FileID != nil {
			o.Proof = "See the file"
		}
		i.Options, i.State, i.Done, i.Lines, i.AppliedTo, i.Problem, i.HeldReason, i.ReleasedBy = o, models.ImportChecking, 0, 0, models.IDs{
			0,
			0,
		}, "", "", nil
		return nil
	}, "import.checked", "A dry run of the import %s was begun", true)
}

// maxConfirmed is how many numbers can be confirmed one by one.
const maxConfirmed = 1000

// Confirm takes doubtful numbers that a person looked at, in E.164, or all of them, and begins the dry run again.
// Refusals name number.
func (s *Service) Confirm(ctx context.Context, a models.Actor, id string, numbers []string, all bool) error {
	if len(numbers) == 0 && !all {
		return models.Invalid("number", "Tick the numbers that may be taken.")
	}
	return s.move(ctx, a, id, func(_ *models.Tx, i *models.Import) error {
		if i.State != models.ImportChecked && i.State != models.ImportHeld {
			return models.Conflict("This import is under way already.")
		}
		o := &i.Options
		for _, n := range numbers {
			if !slices.Contains(o.Confirmed, n) {
				o.Confirmed = append(o.Confirmed, n)
			}
		}
		if len(o.Confirmed) > maxConfirmed {
			return models.Invalid("number", fmt.Sprintf("At most %d numbers are taken one by one.", maxConfirmed))
		}
		o.ConfirmedAll = o.ConfirmedAll || all
		i.State, i.Done, i.Lines, i.AppliedTo, i.Problem = models.ImportChecking, 0, 0, models.IDs{0, 0}, ""
		i.HeldReason, i.ReleasedBy = "", nil
		return nil
	}, "import.confirmed", "Doubtful numbers of the import %s were confirmed", true)
}

// Start takes the checked rows into the contacts. A held import waits for an admin: see Release.
func (s *Service) Start(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, func(_ *models.Tx, i *models.Import) error {
		switch i.State {
		case models.ImportChecked:
		case models.ImportHeld:
			return models.Conflict("This import is held: an admin has to release it.")
		default:
			return models.Conflict("This import was started already.")
		}
		i.State, i.Done, i.AppliedTo = models.ImportRunning, 0, models.IDs{0, 0}
		return nil
	}, "import.started", "The import %s was started", true)
}

// Release lets a held import go, with the reason on record. For admins.
func (s *Service) Release(ctx context.Context, a models.Actor, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return models.Invalid("reason", "Write down why these numbers may be taken: it goes on record.")
	}
	return s.move(ctx, a, id, func(tx *models.Tx, i *models.Import) error {
		if i.State != models.ImportHeld {
			return models.Conflict("This import is not held.")
		}
		i.State, i.ReleasedBy = models.ImportChecked, a.ID
		return tx.Audit(
			a,
			"import.released",
			"import",
			i.PublicID,
			"The held import "+i.Name+" was let go",
			map[string]any{"reason": reason, "held": i.HeldReason},
		)
	}, "", "", false)
}

// Cancel stops an import. What it has done so far stays, and can be taken back.
func (s *Service) Cancel(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, func(_ *models.Tx, i *models.Import) error {
		switch i.State {
		case models.ImportNew, models.ImportChecking, models.ImportChecked, models.ImportHeld, models.ImportRunning:
			i.State = models.ImportCanceled
			return nil
		default:
			return models.Conflict("There is nothing to stop any more.")
		}
	}, "import.canceled", "The import %s was stopped", true)
}

// Undo takes back what an import did.
func (s *Service) Undo(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, func(_ *models.Tx, i *models.Import) error {
		if i.State != models.ImportDone && i.State != models.ImportCanceled {
			return models.Conflict("Only an import that has ended can be taken back.")
		}
		i.State, i.Lines, i.Done = models.ImportUndoing, i.Counts.Added+i.Counts.Updated, 0
		return nil
	}, "import.undone", "The import %s is taken back", true)
}

func (s *Service) move(
	ctx context.Context,
	a models.Actor,
	id string,
	fn func(*models.Tx, *models.Import) error,
	action, text string,
	work bool,
) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		i, err := tx.ImportForUpdate(id)
		if err != nil {
			return err
		}
		if err := fn(tx, i); err != nil {
			return err
		}
		errs := []error{tx.SaveImport(i), tx.Publish("imports")}
		if action != "" {
			errs = append(errs, tx.Audit(a, action, "import", i.PublicID, fmt.Sprintf(text, i.Name), nil))
		}
		if work {
			errs = append(errs, tx.Enqueue(Args{ImportID: i.ID}, nil))
		}
		return errors.Join(errs...)
	})
}

// Proof keeps a file that proves the opt-ins of a whole import and returns its id.
func (s *Service) Proof(ctx context.Context, a models.Actor, name string, r io.Reader) (*models.ContactFile, error) {
	f, err := s.files.KeepContactFile(ctx, name, r)
	if err != nil {
		return nil, err
	}
	return f, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddContactFile(a, nil, f) })
}
