package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// mostWritten is how many characters a person can write at once: WhatsApp's apps allow 65,536.
const mostWritten = 65_536

func (s *Simulator) phoneSends(c echo.Context) error {
	sc, err := s.screen(c)
	if err != nil {
		return err
	}
	out, err := readOutgoing(c)
	if err != nil {
		return err
	}
	if whatsapp.Length(out.Body) > mostWritten {
		return echo.NewHTTPError(http.StatusUnprocessableEntity, "The text is too long.")
	}
	if !out.empty() {
		s.Write(sc.Customer.Key(), sc.Sender, out)
	}
	if c.Request().Header.Get("HX-Request-Type") != "partial" {
		return c.Redirect(http.StatusSeeOther, sc.url("?with="+url.QueryEscape(with(sc.Sender))))
	}
	if sc, err = s.screen(c); err != nil {
		return err
	}
	return show(c, http.StatusOK, phone(*sc))
}

func with(sender string) string {
	if sender == SandboxPhone {
		return "sandbox"
	}
	return sender
}

// sampleCard is a contact card as a phone shares it.
const sampleCard = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dr. Lena Brandt\r\nTEL;TYPE=CELL:+49 151 23456789\r\n" +
	"EMAIL:lena@example.com\r\nEND:VCARD\r\n"

// readOutgoing is what the customer sends: the text and file of the chat's form, or what one of its buttons stands for.
func readOutgoing(c echo.Context) (Outgoing, error) {
	switch c.FormValue("what") {
	case "join":
		return Outgoing{Body: "join " + JoinWords}, nil
	case "tap":
		tap := &Tap{
			Title: c.FormValue("title"),
			ID:    c.FormValue("tap"),
			List:  c.FormValue("list") != "",
			Of:    c.FormValue("of"),
		}
		return Outgoing{Body: tap.Title, Tap: tap}, nil
	case "picture":
		return Outgoing{Body: written(c), File: samplePicture(), ContentType: "image/png"}, nil
	case "card":
		return Outgoing{File: []byte(sampleCard), ContentType: "text/vcard"}, nil
	case "react":
		return Outgoing{Body: c.FormValue("emoji"), Of: c.FormValue("of"), Reaction: true}, nil
	case "form":
		return Outgoing{Flow: `{"Preferred day":"Thursday","Time":"10:30","Notes":"Please call the day before"}`}, nil
	case "location":
		return Outgoing{Latitude: "52.520008", Longitude: "13.404954", Label: "Alexanderplatz, Berlin"}, nil
	}
	out := Outgoing{Body: written(c), Of: c.FormValue("answer")}
	err := out.attach(c)
	return out, err
}

// written is the text of the chat's form.
func written(c echo.Context) string {
	return strings.TrimSpace(strings.ReplaceAll(c.FormValue("body"), "\r\n", "\n"))
}

// attach reads the form's file, if there is one.
func (out *Outgoing) attach(c echo.Context) error {
	h, err := c.FormFile("file")
	if err != nil || h.Size == 0 {
		return nil //nolint:nilerr // there is none
	}
	f, err := h.Open()
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	if out.File, err = io.ReadAll(io.LimitReader(f, 16<<20)); err != nil {
		return err
	}
	out.ContentType, _, _ = strings.Cut(h.Header.Get("Content-Type"), ";")
	if out.ContentType == "" || out.ContentType == "application/octet-stream" {
		out.ContentType = http.DetectContentType(out.File)
	}
	return nil
}

// empty reports whether there is nothing to send.
func (out *Outgoing) empty() bool {
	return out.Body == "" && len(out.File) == 0 && out.Latitude == "" && !out.Reaction && out.Flow == ""
}

// samplePicture is a small drawn picture, so that nobody has to find a file.
func samplePicture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			c := color.RGBA{R: uint8(120 + y/3), G: uint8(180 + x/8), B: 230, A: 255}
			if d := (x-230)*(x-230) + (y-60)*(y-60); d < 900 {
				c = color.RGBA{R: 255, G: 214, B: 90, A: 255}
			}
			if y > 130+(x%64)/6 {
				c = color.RGBA{R: 60, G: uint8(140 + x/8), B: 90, A: 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a bytes.Buffer never fails
	}
	return b.Bytes()
}
