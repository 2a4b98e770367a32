package whatsapp

// Category is WhatsApp's word for what a template is for. Prices and rules depend on it. Source: Meta, "Template
// categorization".
type Category string

// The categories of templates. Parley sends no promotion: a template that WhatsApp categorises as marketing can't be
// sent.
const (
	Utility        Category = "UTILITY"
	Authentication Category = "AUTHENTICATION"
	Marketing      Category = "MARKETING"
)

// Categories are all categories of templates.
func Categories() []Category { return []Category{Utility, Authentication, Marketing} }
