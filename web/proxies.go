package web

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Proxies are the reverse proxies that are believed what they say of a client. What
// others say of it is nothing but a claim.
type Proxies []netip.Prefix

// ReadProxies reads addresses and networks, as in 192.0.2.7 or 10.0.0.0/8.
func ReadProxies(texts []string) (Proxies, error) {
	var all Proxies
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network, as in 192.0.2.7 or 10.0.0.0/8", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

func (p Proxies) has(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Client is the address of who sends the request, and whether they do so by https.
// Each proxy adds to X-Forwarded-For who has asked it; what stands before the last
// who is no proxy of ours, anybody may have written.
func (p Proxies) Client(c *fiber.Ctx) (address string, https bool) {
	from, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	from = from.Unmap()
	if !ok || !p.has(from) {
		return from.String(), c.Context().IsTLS()
	}
	var hops []string
	for _, header := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(header), ",")...)
	}
	for i := len(hops) - 1; i >= 0 && p.has(from); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from = hop.Unmap()
	}
	return from.String(), strings.EqualFold(c.Get(fiber.HeaderXForwardedProto), "https")
}
