package customerspace

import "github.com/gin-gonic/gin"

// Routes are what the protocol port serves.
func (a *API) Routes() gin.RoutesInfo { return a.engine.Routes() }
