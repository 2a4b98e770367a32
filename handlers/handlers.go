// Package handlers is HTTP: an area a package below it, each with its handlers and its part of the routing table. A
// handler parses, calls a service or reads, and renders: no SQL, no rule, no call to Twilio. What all areas share is in
// handlers/web; routes.txt lists every route with its right.
package handlers

import (
	"net/netip"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/accounts"
	"parley/handlers/api"
	"parley/handlers/conversations"
	"parley/handlers/home"
	inboxpages "parley/handlers/inbox"
	"parley/handlers/live"
	"parley/handlers/notifications"
	"parley/handlers/onboarding"
	"parley/handlers/people"
	"parley/handlers/people/imports"
	"parley/handlers/people/optins"
	"parley/handlers/public"
	"parley/handlers/reports"
	"parley/handlers/search"
	"parley/handlers/senders"
	"parley/handlers/settings"
	"parley/handlers/templates"
	"parley/handlers/web"
	"parley/handlers/webhooks"
	"parley/services/assembly"
)

// Options are what HTTP needs beside the services.
type Options struct {
	SessionKey  []byte // 32 bytes or more
	Simulation  web.Simulation
	Development bool // shows the gallery of components
	// TrustedProxies are the addresses whose X-Forwarded-For header is trusted; if empty, none is.
	TrustedProxies []netip.Prefix
	// Heartbeat is how often a stream of events sends a heartbeat and checks its reader's rights; inbox.Heartbeat if 0.
	Heartbeat time.Duration
}

// New builds the server with all its routes.
func New(s *assembly.Services, o Options) *echo.Echo {
	site := web.New(s.Store, s.Log, web.Options{
		PublicURL:      s.PublicURL,
		SessionKey:     o.SessionKey,
		Simulation:     o.Simulation,
		TrustedProxies: o.TrustedProxies,
	})
	e, updates := site.Echo(), live.New(s.Store, s.Hub, s.Log, o.Heartbeat)
	updates.Listen()
	site.Mount(e, slices.Concat(routes(s, site, o), updates.Routes()))
	return e
}

// Table is the routing table, for tests that walk it: nothing answers. It lacks the static files and the simulator.
func Table(o Options) []web.Route {
	return slices.Concat(routes(&assembly.Services{}, &web.Site{}, o), (&live.Handlers{}).Routes())
}

func routes(s *assembly.Services, site *web.Site, o Options) []web.Route {
	list := &inboxpages.Handlers{Site: site, Store: s.Store, Messaging: s.Messaging}
	return slices.Concat(
		program(s, o),
		movedRoutes(),
		(&accounts.Handlers{Site: site, Store: s.Store, Accounts: s.Accounts}).Routes(),
		api.New(s.Store, s.People, s.Notifying).Routes(),
		(&conversations.Handlers{
			Site:      site,
			Store:     s.Store,
			Inbox:     list,
			Media:     s.Media,
			Messaging: s.Messaging,
		}).Routes(),
		(&home.Handlers{Site: site, Store: s.Store}).Routes(),
		(&imports.Handlers{Site: site, Store: s.Store, People: s.People, Importing: s.Importing}).Routes(),
		list.Routes(),
		(&notifications.Handlers{Site: site, Store: s.Store, Messaging: s.Messaging, Notifying: s.Notifying}).Routes(),
		(&notifications.Editor{Site: site, Store: s.Store, Notifying: s.Notifying}).Routes(),
		(&onboarding.Handlers{
			Site:       site,
			Store:      s.Store,
			Accounts:   s.Accounts,
			Health:     s.Health,
			Media:      s.Media,
			Messaging:  s.Messaging,
			Onboarding: s.Onboarding,
		}).Routes(),
		(&optins.Handlers{Site: site, Store: s.Store, People: s.People}).Routes(),
		(&people.Handlers{
			Site:      site,
			Store:     s.Store,
			People:    s.People,
			Importing: s.Importing,
			Media:     s.Media,
			Messaging: s.Messaging,
		}).Routes(),
		public.New(s.Store, s.People, s.Media).Routes(),
		(&reports.Handlers{Site: site, Store: s.Store}).Routes(),
		(&search.Handlers{Site: site, Store: s.Store}).Routes(),
		(&senders.Handlers{Site: site, Store: s.Store, Accounts: s.Accounts, Senders: s.Senders}).Routes(),
		(&settings.Handlers{
			Site:      site,
			Store:     s.Store,
			People:    s.People,
			Inbox:     s.Inbox,
			Messaging: s.Messaging,
			Notifying: s.Notifying,
			Tokens:    s.Tokens,
		}).Routes(),
		(&templates.Handlers{Site: site, Store: s.Store, Approvals: s.Approvals, Media: s.Media}).Routes(),
		webhooks.New(webhooks.Handlers{
			Store:     s.Store,
			Messaging: s.Messaging,
			Log:       s.Log,
			PublicURL: s.PublicURL,
			Tokens:    s.Tokens,
		}).Routes(),
	)
}
