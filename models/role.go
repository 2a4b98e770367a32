package models

// Role is what a user may do. Each role includes the ones before it.
type Role string

// The roles, weakest first.
const (
	Agent    Role = "agent"
	Operator Role = "operator"
	Admin    Role = "admin"
)

var roleRank = map[Role]int{Agent: 1, Operator: 2, Admin: 3}

// Roles lists every role, weakest first.
func Roles() []Role { return []Role{Agent, Operator, Admin} }

// Can reports whether r may do what needs role. An unknown role may do nothing.
func (r Role) Can(need Role) bool {
	return roleRank[r] > 0 && roleRank[need] > 0 && roleRank[r] >= roleRank[need]
}

// RightsTopic is the live event after which everybody's rights are checked again. A user's own is RightsTopic of the
// user.
const RightsTopic = "rights"
