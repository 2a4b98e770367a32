package simulator

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
	reader "parley/whatsapp/phone"
)

// typedCustomer is the form for a new customer.
type typedCustomer struct {
	Name, Phone, Username string
	Hidden                bool
}

var username = regexp.MustCompile(`^[a-z0-9._]{3,35}$`) // Meta, usernames

// addPhone adds a customer with a phone. An invalid number is refused; a customer who hides the number needs none.
func (s *Simulator) addPhone(c echo.Context) error {
	typed := typedCustomer{
		Name:     strings.TrimSpace(c.FormValue("name")),
		Phone:    c.FormValue("phone"),
		Username: strings.TrimPrefix(strings.TrimSpace(c.FormValue("username")), "@"),
		Hidden:   c.FormValue("hidden") != "",
	}
	phone, problem := s.checkCustomer(typed)
	if problem != "" {
		h := s.home()
		h.Typed, h.Problem = typed, problem
		return show(c, http.StatusUnprocessableEntity, phonesPage(h))
	}
	var added *Customer
	if typed.Hidden {
		added = s.AddHidden(newUserID(phone), typed.Username, typed.Name, phone)
	} else {
		added = s.AddCustomer(phone, typed.Name)
	}
	return c.Redirect(http.StatusSeeOther, s.opt.Path+"/phones/"+url.PathEscape(added.Key()))
}

// checkCustomer reads the number, empty where none is needed, and says what is wrong with the form, empty if nothing.
func (s *Simulator) checkCustomer(typed typedCustomer) (phone, problem string) {
	var err error
	if typed.Phone != "" || !typed.Hidden {
		phone, err = numberOf(typed.Phone)
	}
	switch {
	case err != nil:
		return "", err.Error()
	case typed.Hidden && s.known(phone):
		return "", "Number: another customer has it."
	case s.OwnNumber(phone):
		return "", "Number: this is the business's own number."
	case typed.Name == "" || whatsapp.Length(typed.Name) > 60:
		return "", "Give the customer a name of at most 60 characters."
	case typed.Username != "" && !username.MatchString(typed.Username):
		return "", "Username: 3 to 35 small letters, digits, dots and underscores."
	}
	return phone, ""
}

// hidePhone hides a customer's number, or shows it.
func (s *Simulator) hidePhone(c echo.Context) error {
	sc, err := s.screen(c)
	if err != nil {
		return err
	}
	s.Hide(sc.Customer.Key(), c.FormValue("hidden") != "")
	return c.Redirect(http.StatusSeeOther, sc.url("?with="+url.QueryEscape(with(sc.Sender))))
}

// known reports whether there is a customer with a number.
func (s *Simulator) known(phone string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.customer(whatsapp.Address{Phone: phone}) != nil
}

// numberOf reads a customer's number. An unassigned number is accepted here: it belongs to nobody.
func numberOf(typed string) (string, error) {
	n, err := reader.Read(typed, "")
	if err == nil && n.Verdict == reader.Assumed {
		return reader.Confirmed(typed, "", "")
	}
	return n.E164, err
}
