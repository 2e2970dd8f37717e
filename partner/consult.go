package partner

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// getLicences answers the licences of a fleet, or, where the profile declares it, those with the ids given (UserService
// UC1). The answer is always an array: a fleet that is not known has no licences.
func (p *Partner) getLicences(c *gin.Context) (answer, error) {
	fleet, ids := c.Query("productRefId"), c.Query("id")
	if fleet == "" && (ids == "" || !p.profile.Features.ConsultByID) {
		return answer{}, wire.MissingParameter("productRefId")
	}
	var licences []wire.UserService
	err := p.store.View(c.Request.Context(), func(r reader) error {
		if fleet != "" {
			licences = r.Licences(fleet)
			return nil
		}
		for id := range strings.SplitSeq(ids, ",") {
			if l, known := r.Licence(id); known {
				licences = append(licences, l)
			}
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	shown := []wire.UserService{}
	for _, l := range licences {
		if l, ok := p.rules.Shown(l); ok {
			shown = append(shown, l)
		}
	}
	return reply(http.StatusOK, shown)
}

// getLicence answers one licence.
func (p *Partner) getLicence(c *gin.Context) (answer, error) {
	var (
		l     wire.UserService
		known bool
	)
	err := p.store.View(c.Request.Context(), func(r reader) error {
		l, known = r.Licence(c.Param("id"))
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if known {
		l, known = p.rules.Shown(l)
	}
	if !known {
		return answer{}, wire.NotFound("such licence")
	}
	return reply(http.StatusOK, l)
}
