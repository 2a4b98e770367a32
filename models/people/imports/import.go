package imports

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// Import adds contacts from a file: first a dry run, then the change, in parts that are committed one by one. It can be
// stopped and undone.
type Import struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Name       string // of the file
	File       string // under the media folder, empty once it is not needed any more
	Format     string // csv or xlsx
	Size       int64
	State      ImportState   `gorm:"default:new"`
	Options    ImportOptions `gorm:"type:jsonb;serializer:json"`
	Lines      int64         // lines with a contact, good or not
	Done       int64         // of Lines; while it is checked: bytes of Size
	Counts     ImportCounts  `gorm:"type:jsonb;serializer:json"`
	AppliedTo  models.IDs    `gorm:"type:bigint[];default:'{0,0}'"`
	Problem    string
	HeldReason string
	CreatedBy  *int64
	ReleasedBy *int64
	CreatedAt  time.Time `gorm:"default:now()"`
	UpdatedAt  time.Time `gorm:"default:now()"`
}

// Topic is the live event of the import.
func (i *Import) Topic() string { return "import-" + i.PublicID }

// ImportState is the state of an import.
type ImportState string

// The states of an import.
const (
	ImportNew      ImportState = "new"      // its columns have to be chosen
	ImportChecking ImportState = "checking" // the dry run is under way
	ImportChecked  ImportState = "checked"
	ImportHeld     ImportState = "held" // an admin has to look at it
	ImportRunning  ImportState = "running"
	ImportDone     ImportState = "done"
	ImportCanceled ImportState = "canceled" // stopped while it ran, or before it began
	ImportUndoing  ImportState = "undoing"
	ImportUndone   ImportState = "undone"
	ImportFailed   ImportState = "failed" // the file can't be read: see Problem
)

// ImportStates are all states of an import.
func ImportStates() []ImportState {
	return []ImportState{
		ImportNew,
		ImportChecking,
		ImportChecked,
		ImportHeld,
		ImportRunning,
		ImportDone,
		ImportCanceled,
		ImportUndoing,
		ImportUndone,
		ImportFailed,
	}
}

// Active reports whether a job works on it.
func (s ImportState) Active() bool {
	return s == ImportChecking || s == ImportRunning || s == ImportUndoing
}

// ImportOptions are how a file is read and imported.
type ImportOptions struct {
	Separator string `json:"separator,omitempty"` // of a CSV
	Encoding  string `json:"encoding,omitempty"`  // utf-8, utf-16 or windows-1252
	Header    bool   `json:"header"`              // the first line names the columns
	// Columns are what each means: phone, name, first_name, last_name, language, time_zone, tags, consent, consent_at,
	// opted_out, proof, field:key, or nothing
	Columns   []string `json:"columns"`
	Country   string   `json:"country"`        // of national numbers
	Overwrite bool     `json:"overwrite"`      // replaces what contacts have; else only empty values are filled
	Tags      []int64  `json:"tags,omitempty"` // for everybody

	Confirmed    []string `json:"confirmed,omitempty"`     // numbers to check that somebody confirmed, in E.164
	ConfirmedAll bool     `json:"confirmed_all,omitempty"` // all numbers to check are confirmed

	Consent string                 `json:"consent"` // none, all, or column
	Source  whatsapp.ConsentSource `json:"source,omitempty"`
	Proof   string                 `json:"proof,omitempty"`
	Wording string                 `json:"wording,omitempty"`
	FileID  *int64                 `json:"file_id,omitempty"`
}

// ImportCounts are what the dry run found, and what was done.
type ImportCounts struct {
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"`
	Same      int64 `json:"same"`
	Refused   int64 `json:"refused"`   // including those with a number to check
	Doubtful  int64 `json:"doubtful"`  // refused until somebody confirms the number
	OptIns    int64 `json:"opt_ins"`   // contacts that are opted in
	OptOuts   int64 `json:"opt_outs"`  // contacts that are opted out by it
	KeptOut   int64 `json:"kept_out"`  // opted out before, and stay so
	InARow    int64 `json:"in_a_row"`  // numbers in long runs of consecutive ones
	Added     int64 `json:"added"`     // done so far
	Updated   int64 `json:"updated"`   // done so far
	Removed   int64 `json:"removed"`   // by undoing
	Restored  int64 `json:"restored"`  // by undoing
	Untouched int64 `json:"untouched"` // kept when undoing, because they were used since
	Withdrawn int64 `json:"withdrawn"` // opt-ins withdrawn by undoing

	KeptIn      int64 `json:"kept_in"`      // opted in after the date of the file's opt-out, and stay so
	OptOutsOnly int64 `json:"opt_out_only"` // rows of which only the opt-out is imported; not in Refused
	Unread      int64 `json:"unread"`       // opt-outs whose number can't be read; part of Refused
	Noted       int64 `json:"noted"`        // rows that are imported and listed with a note
}

// Listed is how many lines are listed with a reason.
func (k ImportCounts) Listed() int64 { return k.Refused + k.OptOutsOnly + k.Noted }

// ImportEffect is what an import does with a listed line.
type ImportEffect string

// The effects.
const (
	ImportRefused ImportEffect = "refused"
	ImportOptOut  ImportEffect = "opt_out"        // its opt-out is recorded, the rest refused
	ImportUnread  ImportEffect = "unread_opt_out" // an opt-out whose number can't be read
	ImportNote    ImportEffect = "note"           // it is imported
)

// ImportEffects are all effects of a line that an import lists.
func ImportEffects() []ImportEffect {
	return []ImportEffect{ImportRefused, ImportOptOut, ImportUnread, ImportNote}
}

// Taken reports whether the line's row, or its opt-out, is imported.
func (e ImportEffect) Taken() bool { return e == ImportOptOut || e == ImportNote }

// AddImport stores an uploaded file.
func AddImport(tx *models.Tx, a models.Actor, i *Import) error {
	i.CreatedBy = a.ID
	if err := base.DB(tx).Create(i).Error; err != nil {
		return err
	}
	tx.Publish("imports")
	return models.Audit(tx, a, "import.uploaded", models.About("import", i.PublicID), "The file "+i.Name+" was uploaded")
}

// Imports are the latest imports.
func (r Reads) Imports(ctx context.Context, n int) ([]Import, error) {
	var out []Import
	err := r.read(ctx).Order("id DESC").Limit(n).Find(&out).Error
	return out, err
}

// ImportByPublicID finds an import.
func (r Reads) ImportByPublicID(ctx context.Context, id string) (*Import, error) {
	var out Import
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "import")
}

// ImportByID finds an import by its row id.
func (r Reads) ImportByID(ctx context.Context, id int64) (*Import, error) {
	var out Import
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "import")
}

// ImportForUpdate finds and locks an import.
func ImportForUpdate(tx *models.Tx, publicID string) (*Import, error) {
	var out Import
	return &out, models.Found(base.Lock(tx, &out, publicID), "import")
}

// ImportByIDForUpdate finds and locks an import by its row id.
func ImportByIDForUpdate(tx *models.Tx, id int64) (*Import, error) {
	var out Import
	return &out, models.Found(base.DB(tx).Clauses(base.ForUpdate).Take(&out, id).Error, "import")
}

// SaveImport stores an import and publishes the change to its page.
func SaveImport(tx *models.Tx, i *Import) error {
	i.UpdatedAt = tx.Now()
	tx.Publish(i.Topic())
	return base.DB(tx).Save(i).Error
}

// ImportProgress stores how many bytes of a file were read and publishes it.
func ImportProgress(ctx context.Context, s *models.Store, i *Import, done int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish(i.Topic())
		return base.DB(tx).Exec("UPDATE imports SET done = ?, updated_at = now() WHERE id = ?", done, i.ID).Error
	})
}

// AbandonedImports are the imports that no job works on although one should: its process has ended.
func (r Reads) AbandonedImports(ctx context.Context) ([]Import, error) {
	var out []Import
	err := r.read(ctx).
		Where("state IN ('checking', 'running', 'undoing') AND updated_at < now() - interval '5 seconds'").
		Order("id").
		Find(&out).
		Error
	return out, err
}

// ForgottenImports are uploads that nobody continued for a week. Their files contain personal data that people may ask
// to be erased.
func (r Reads) ForgottenImports(ctx context.Context) ([]Import, error) {
	var out []Import
	err := r.read(ctx).
		Where("state IN ('new', 'checked', 'held', 'failed') AND file <> '' AND updated_at < now() - interval '7 days'").
		Order("id").
		Find(&out).
		Error
	return out, err
}

// HoldImport makes this process the one that works on an import, until release is called or the process ends. ok
// is false if another one does.
func HoldImport(ctx context.Context, s *models.Store, id int64) (release func(), ok bool, err error) {
	conn, err := base.Pool(s).Acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	//nolint:gosec // two billion imports are enough
	err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(7007, $1)", int32(id)).Scan(&ok)
	if err != nil || !ok {
		conn.Release()
		return nil, false, err
	}
	return func() {
		// The lock belongs to the connection: closing the connection is the sure way to release it.
		_ = conn.Hijack().Close(context.WithoutCancel(ctx))
	}, true, nil
}
