package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// Public is the role of routes that don't require signing in.
const Public models.Role = ""

// Route is one entry of the routing table, with the role that may use it.
type Route struct {
	Method, Path, Name string
	Role               models.Role
	Handler            echo.HandlerFunc
	MaxBody            int64 // bytes; 256 KiB if 0
}

// GET is a route that reads.
func GET(path, name string, role models.Role, handler echo.HandlerFunc) Route {
	return Route{Method: http.MethodGet, Path: path, Name: name, Role: role, Handler: handler}
}

// POST is a route that changes something.
func POST(path, name string, role models.Role, handler echo.HandlerFunc) Route {
	return Route{Method: http.MethodPost, Path: path, Name: name, Role: role, Handler: handler}
}

// Limit sets how many bytes the body of a request may have.
func (r Route) Limit(bytes int64) Route {
	r.MaxBody = bytes
	return r
}

// Media5MB is the limit for a form with a picture: 5 MB and the other fields.
const Media5MB = 6 << 20

// Media16MB is the limit for a form with a video or a document.
const Media16MB = 17 << 20
