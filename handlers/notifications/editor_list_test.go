package notifications

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/accounts"
	"parley/models/modelstest"
	"parley/services/notifying"
)

// A list is read once per request, whether it was pasted or uploaded; another text is another list.
func TestListIsReadOnce(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	user := &accounts.User{}
	err := modelstest.PoolOf(store).QueryRow(t.Context(), `INSERT INTO users (name, email, password_hash, role)
		VALUES ('Otto', 'otto@example.com', 'x', 'operator') RETURNING id`).Scan(&user.ID)
	if err != nil {
		t.Fatal(err)
	}
	e := &Editor{}
	e.Store = store
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("number\n+4915123456789\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/notifications", &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	c := echo.New().NewContext(req, httptest.NewRecorder())
	web.SetUser(c, user)
	open := func(f web.Form) *notifying.List {
		t.Helper()
		list, mark, err := e.openList(c, f)
		if err != nil || list == nil || mark == "" {
			t.Fatal(list, mark, err)
		}
		return list
	}

	f := web.Form{Values: url.Values{}}
	if err := e.storeUpload(c, f); err != nil {
		t.Fatal(err)
	}
	uploaded := open(f)
	if again := open(f); again != uploaded {
		t.Error("the upload is read again")
	}
	// A list that the request has already read does not need the stored file any more.
	if _, err := modelstest.PoolOf(store).Exec(t.Context(), "DELETE FROM kept_lists"); err != nil {
		t.Fatal(err)
	}
	open(f)
	f.Set("list", "number\n+4915123456780")
	pasted := open(f)
	if again := open(f); again != pasted || pasted == uploaded {
		t.Error("the pasted list is read again, or the upload is taken for it")
	}
	f.Set("list", "number\n+4915123456781")
	if other := open(f); other == pasted {
		t.Error("another text is the same list")
	}
}
