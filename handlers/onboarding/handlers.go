// Package onboarding has the way to production: getting started, the Sandbox and requests for access.
package onboarding

import (
	"parley/handlers/web"
	"parley/models"
	accountservice "parley/services/accounts"
	"parley/services/health"
	"parley/services/media"
	"parley/services/messaging"
	onboardingservice "parley/services/onboarding"
)

// Handlers answer for onboarding.
type Handlers struct {
	Site       *web.Site
	Store      *models.Store
	Accounts   *accountservice.Service
	Health     *health.Service
	Media      *media.Files
	Messaging  *messaging.Service
	Onboarding *onboardingservice.Service
}
