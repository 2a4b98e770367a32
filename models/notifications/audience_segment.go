package notifications

import (
	"slices"

	"parley/models/people/segments"
	"parley/whatsapp"
)

// Matching is the filter of an audience of the kind filter.
func (a Audience) Matching() segments.ContactFilter {
	f := a.Filter
	switch {
	case a.Segment != nil:
		f = a.Segment.Filter
	case f.Empty():
		f.Consent = whatsapp.OptedIn
	}
	f.Tags = slices.Clone(f.Tags)
	for _, t := range a.Tags {
		if !slices.Contains(f.Tags, t.ID) {
			f.Tags = append(f.Tags, t.ID)
		}
	}
	return f
}

// Problem refuses an audience whose segment can't be determined any more (field segment).
func (a Audience) Problem() error {
	if a.Kind == "filter" && a.Segment != nil && a.Segment.Unresolved {
		return a.Segment.Gone()
	}
	return nil
}
