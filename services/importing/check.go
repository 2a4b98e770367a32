package importing

import (
	"context"
	"errors"
	"slices"

	"parley/models"
	"parley/models/people/imports"
	"parley/whatsapp"
)

var importSources = []whatsapp.ConsentSource{
	whatsapp.SourceImport,
	whatsapp.SourceWebForm,
	whatsapp.SourcePaper,
	whatsapp.SourceByHand,
}

// Check starts the dry run with chosen options. Refusals name columns, country, consent, source, proof or wording.
func (s *Service) Check(ctx context.Context, a models.Actor, id string, o imports.ImportOptions) error {
	if !claimsOptIns(o) {
		o.Consent, o.Source, o.Proof, o.Wording, o.FileID = "none", "", "", "", nil
	}
	if err := errors.Join(append(checkColumns(o), checkClaim(o)...)...); err != nil {
		return err
	}
	return s.move(ctx, a, id, transition{
		action: "import.checked",
		text:   "A dry run of the import %s was begun",
		goesOn: true,
		apply: func(_ *models.Tx, i *imports.Import) error {
			if i.State != imports.ImportNew && i.State != imports.ImportChecked && i.State != imports.ImportHeld {
				return models.Conflict("import.under_way")
			}
			o.Separator, o.Encoding = i.Options.Separator, i.Options.Encoding
			o.Confirmed = i.Options.Confirmed
			o.ConfirmedAll = i.Options.ConfirmedAll && o.Country == i.Options.Country &&
				slices.Equal(o.Columns, i.Options.Columns)
			if o.Consent != "none" && o.Proof == "" && o.FileID != nil {
				o.Proof = "See the file"
			}
			i.Options = o
			restartCheck(i)
			return nil
		},
	})
}

// restartCheck restarts the dry run from the file's first line.
func restartCheck(i *imports.Import) {
	i.State = imports.ImportChecking
	i.Done, i.Lines, i.AppliedTo = 0, 0, models.IDs{0, 0}
	i.Problem, i.HeldReason, i.ReleasedBy = "", "", nil
}

// checkColumns returns what is wrong with the columns' meanings and the numbers' country.
func checkColumns(o imports.ImportOptions) (errs []error) {
	for n, c := range o.Columns {
		if c != "" && c != "tags" && slices.Contains(o.Columns[:n], c) {
			errs = append(errs, models.Invalid("columns", "import.same_column_twice"))
		}
	}
	if !slices.Contains(o.Columns, "phone") {
		errs = append(errs, models.Invalid("columns", "import.phone_column_missing"))
	}
	if o.Country != "" && !whatsapp.KnownCountry(o.Country) {
		errs = append(errs, models.Invalid("country", "form.country_unknown"))
	}
	return errs
}

// claimsOptIns reports whether the options say that people in the file have opted in.
func claimsOptIns(o imports.ImportOptions) bool { return o.Consent == "all" || o.Consent == "column" }

// checkClaim returns what is missing for the file's opt-ins to count.
func checkClaim(o imports.ImportOptions) (errs []error) {
	if o.Consent == "column" && !slices.Contains(o.Columns, "consent") {
		errs = append(errs, models.Invalid("consent", "import.consent_column_missing"))
	}
	if claimsOptIns(o) {
		if !slices.Contains(importSources, o.Source) {
			errs = append(errs, models.Invalid("source", "import.source_missing"))
		}
		if o.Proof == "" && o.FileID == nil && !slices.Contains(o.Columns, "proof") {
			errs = append(errs, models.Invalid("proof", "import.proof_missing"))
		}
		if o.Wording == "" {
			errs = append(errs, models.Invalid("wording", "import.wording_missing"))
		}
	}
	if whatsapp.Length(o.Proof) > 2000 || whatsapp.Length(o.Wording) > 2000 {
		errs = append(errs, models.Invalid("proof", "import.proof_or_wording_too_long"))
	}
	return errs
}
