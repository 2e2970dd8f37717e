package customerspace

// Role is what a user may do with a contract.
type Role string

// The profiles of Orange's customer space: a visitor reads, a manager also changes.
const (
	RoleVisitor Role = "visitor"
	RoleManager Role = "manager"
)

// User is a person that is declared on a contract.
type User struct {
	Civility, FirstName, LastName string
	Email, Login                  string
	FixPhone, MobilePhone         string
	Role                          Role // the widest, where a user is given both
}

func (u *User) check() error {
	var t texts
	t.take("civility", u.Civility, false)
	t.take("lastName", u.LastName, true)
	t.take("firstName", u.FirstName, true)
	t.take("email", u.Email, true)
	t.take("login", u.Login, true)
	t.take("fixPhone", u.FixPhone, false)
	t.take("mobilePhone", u.MobilePhone, false)
	switch {
	case t.err != nil:
		return t.err
	case !isEmail(u.Email):
		return &InvalidError{Field: "email", Message: "must be an e-mail address"}
	case !isLogin(u.Login):
		return &InvalidError{Field: "login", Message: loginRule}
	case u.Role != RoleVisitor && u.Role != RoleManager:
		return &InvalidError{Field: "roles.contracts", Missing: u.Role == "", Message: `must hold "visitor" or "manager"`}
	}
	return nil
}
