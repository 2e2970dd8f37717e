package billing

// ActorKind says by which right an act was done.
type ActorKind string

// The kinds of actors.
const (
	ActorClient     ActorKind = "client"
	ActorOmniscient ActorKind = "omniscient"
	ActorAdmin      ActorKind = "admin"
	ActorSystem     ActorKind = "system"
)

// Actor is who does something; every write and every omniscient or admin act is audited with it.
type Actor struct {
	Client ClientID // "" for the system; the back-office on loopback is "back-office"
	Kind   ActorKind
	Reason string // given by a person, asked for by destructive acts
	// Request is the id of the request that logs know it by.
	Request string
}

// ActorOf is the actor that a client is: by its strongest right.
func ActorOf(c Client, request string) Actor {
	a := Actor{Client: c.ID, Kind: ActorClient, Request: request}
	switch {
	case c.Role == RoleAdmin:
		a.Kind = ActorAdmin
	case c.Omniscient:
		a.Kind = ActorOmniscient
	}
	return a
}
