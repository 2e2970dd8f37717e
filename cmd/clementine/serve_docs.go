package main

import (
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/mockorange/openapi"
	"github.com/clementine-ope/clementine/schemas"
)

// parts are what each part of Orange adds beside the gateway, and on the control port.
func parts(pack *schemas.Pack, developers *portalServices, space *spaceServices, ui *console.Console, ops *operated, book *books) (services, steering []service, err error) {
	if services, steering, err = described(pack); err != nil {
		return nil, nil, err
	}
	services = slices.Concat(services, developers.services, space.services(), []service{{console.Base, ui}})
	return services, slices.Concat(steering, ops.services(), book.steering(), space.steering()), nil
}

// described are the descriptions of the gateway and of the control port, each to be served on its own port.
func described(pack *schemas.Pack) (gateway, steering []service, err error) {
	orders := []string{pack.Endpoint("orderEvent").Path}
	updates := []string{pack.Endpoint("updateEvent").Path, pack.Endpoint("updateEventAlias").Path}
	g, err := openapi.Gateway(pack.Endpoint("token").Path, orders, updates)
	if err != nil {
		return nil, nil, fmt.Errorf("describing the gateway: %w", err)
	}
	c, err := openapi.Control()
	if err != nil {
		return nil, nil, fmt.Errorf("describing the control port: %w", err)
	}
	control := c.Handler(openapi.ControlPath, openapi.ControlDocument)
	return []service{{openapi.GatewayPath, g.Handler(openapi.GatewayPath, openapi.GatewayDocument)}},
		[]service{{openapi.ControlPath, control}, {openapi.ControlDocument, control}}, nil
}
