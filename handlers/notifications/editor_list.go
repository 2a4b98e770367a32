package notifications

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
	"parley/models/people/segments"
	"parley/services/notifying"
	view "parley/views/notifications"
)

// listRows and listProblems are how many rows and unreadable numbers are shown while a list's columns are chosen.
const (
	listRows     = 5
	listProblems = 20
)

// readList reads a list that was pasted or uploaded; without either, the notification keeps its list. A person sees the
// list's columns before it is used. A program does so too, unless a column's title says that it has the numbers.
func (e *Editor) readList(c echo.Context, f web.Form, r *notifying.Request) error {
	r.Audience = notifications.Audience{Kind: "list"}
	if err := e.storeUpload(c, f); err != nil {
		return err
	}
	list, mark, err := e.openList(c, f)
	if err != nil {
		return err
	}
	if list == nil {
		return e.listThere(c, f, r)
	}
	seen := f.Get("list_seen") == mark
	if f.Has("list_seen") && !seen { // chosen for another list
		f.Del("list_column")
		f.Del("list_header")
	}
	if err := chooseColumn(list, f, seen); err != nil {
		f.Set("list_seen", mark)
		return err
	}
	_, bad, _, _ := list.Read(0)
	plain := len(list.Titles) == 1 && bad == 0 // numbers only: there is nothing to choose
	if f.Get("do") == "columns" || !list.Sure || f.Has("list_seen") && !seen && !plain {
		f.Set("list_seen", mark)
		return models.Invalid("list", "notification.list_column_doubtful")
	}
	r.Audience, r.Rows, err = list.Audience()
	return err
}

// storeUpload stores an uploaded list, so that it does not have to be chosen again when the form is shown again.
func (e *Editor) storeUpload(c echo.Context, f web.Form) error {
	upload, done, err := web.Attached(c)
	if err != nil || upload == nil {
		return err
	}
	defer done()
	content, err := io.ReadAll(upload.Body)
	if err != nil {
		return err
	}
	ctx, kept := c.Request().
		Context(),
		&segments.StoredList{
			UserID:  web.User(c).ID,
			Name:    plaintext.Cut(upload.Name, 200),
			Content: content,
		}
	list, err := notifying.OpenList(ctx, kept.Name, bytes.NewReader(content))
	if err != nil {
		return err
	}
	if err := segments.StoreList(ctx, e.Store, kept); err != nil {
		return err
	}
	c.Set(openedKey, openedList{list, kept.PublicID})
	f.Set("list_kept", kept.PublicID)
	f.Set("list", "")
	return nil
}

// openedList is a list that a request has read, with the mark that openList returns. It is read only once, because it
// may have 200,000 rows.
type openedList struct {
	list *notifying.List
	mark string
}

const openedKey = "list"

// openList reads the form's list: the pasted one, else the stored file; nil if there is none. mark identifies its
// content, so that the columns of a changed list are shown again.
func (e *Editor) openList(c echo.Context, f web.Form) (list *notifying.List, mark string, err error) {
	text := strings.TrimSpace(f.Text("list"))
	if mark = f.Get("list_kept"); text != "" {
		sum := sha256.Sum256([]byte(text))
		mark = hex.EncodeToString(sum[:8])
	}
	if mark == "" {
		return nil, "", nil
	}
	if opened, ok := c.Get(openedKey).(openedList); ok && opened.mark == mark {
		return opened.list, mark, nil
	}
	ctx := c.Request().Context()
	if text != "" {
		list, err = notifying.OpenList(ctx, "", strings.NewReader(text))
	} else {
		list, err = e.openKept(ctx, web.User(c).ID, mark)
	}
	if err != nil {
		return nil, "", err
	}
	c.Set(openedKey, openedList{list, mark})
	return list, mark, nil
}

// openKept reads a stored file.
func (e *Editor) openKept(ctx context.Context, userID int64, id string) (*notifying.List, error) {
	kept, err := segments.Read(e.Store).StoredListByPublicID(ctx, userID, id)
	if models.KindOf(err) == models.KindNotFound {
		return nil, models.Invalid("list", "notification.list_gone")
	}
	if err != nil {
		return nil, err
	}
	return notifying.OpenList(ctx, kept.Name, bytes.NewReader(kept.Content))
}

// chooseColumn applies what the form says about a list's columns. seen reports that a person saw them: only then does a
// missing tick mean that the first line has no titles.
func chooseColumn(list *notifying.List, f web.Form, seen bool) error {
	if f.Has("list_column") {
		column, err := strconv.Atoi(f.Get("list_column"))
		if err != nil {
			column = -1
		}
		list.Choose(column, f.Get("list_header") != "" || !seen && list.Header)
	}
	return list.In(f.Get("list_country"))
}

// listThere keeps the list that a notification already has. The country of its numbers can be changed.
func (e *Editor) listThere(c echo.Context, f web.Form, r *notifying.Request) error {
	id := requestedNotification(c, f)
	if id == "" {
		return nil
	}
	n, err := notifications.Read(e.Store).NotificationByPublicID(c.Request().Context(), id)
	if err != nil || n.Audience.Kind != "list" {
		return err
	}
	r.Audience = n.Audience
	if f.Has("list_country") {
		there := notifying.List{}
		err = there.In(f.Get("list_country"))
		r.Audience.Country = there.Country
	}
	return err
}

// listProps is what the form shows about a list whose columns are being chosen, nil if there is none. The list has been
// read before; the refusal for an unreadable one is shown elsewhere.
func (e *Editor) listProps(c echo.Context, f web.Form) *view.ListProps {
	list, mark, err := e.openList(c, f)
	if err != nil || list == nil || f.Get("list_seen") != mark {
		return nil
	}
	// An invalid column or country in the form is refused where it is read; here it is shown as not chosen.
	_ = chooseColumn(list, f, true)
	p := &view.ListProps{
		Name:    list.Name,
		Kept:    f.Get("list_kept"),
		Seen:    mark,
		Titles:  list.Titles,
		Rows:    list.Rows[:min(len(list.Rows), listRows)],
		Total:   len(list.Rows),
		Header:  list.Header,
		Column:  list.Phone,
		Country: list.Country,
	}
	p.Good, p.Bad, p.Problems, p.Whole = list.Read(listProblems)
	return p
}
