package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// defaultServer is where `suivi serve` listens unless told otherwise.
const defaultServer = "http://127.0.0.1:8080"

// clientFlags say which running service a command speaks to, and with whose token.
type clientFlags struct {
	server string
	token  string
	data   string
}

func (f *clientFlags) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.server, "server", "", "URL of the running service (default: the one of --data, else "+defaultServer+")")
	flags.StringVar(&f.token, "token", "", "API token (default: the administrator's in --data, for a service on this machine)")
	flags.StringVar(&f.data, "data", "./data", "folder of the service, where its address and the administrator's token are looked up")
}

// open makes the client; it does not speak to the service yet.
func (f *clientFlags) open() (*client, error) {
	cfg := config{data: f.data}
	server := f.server
	if server == "" {
		server = runningServer(cfg)
	}
	if server == "" {
		server = defaultServer
	}
	at, err := url.Parse(server)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, usageError{fmt.Errorf("--server wants a URL like %s, not %q", defaultServer, server)}
	}
	token, from := f.token, "--token"
	if token == "" {
		if token, err = localToken(cfg, at); err != nil {
			return nil, err
		}
		from = cfg.tokenFile()
	}
	return newClient(strings.TrimRight(server, "/"), token, from), nil
}

// localToken reads the administrator's token. It is sent to this machine only:
// another one has its own, and should not come to know ours.
func localToken(cfg config, server *url.URL) (string, error) {
	if !isLocal(server.Hostname()) {
		return "", usageError{fmt.Errorf("the service at %s is on another machine: give one of its API tokens with --token or SUIVI_TOKEN", server.Host)}
	}
	text, err := os.ReadFile(cfg.tokenFile())
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no API token: %s does not exist; start the service there with `suivi serve --data %s`, "+
			"name its folder with --data, or give a token with --token (`suivi token create` makes one)", cfg.tokenFile(), cfg.data)
	}
	if err != nil {
		return "", fmt.Errorf("read the API token: %w; run as the user of the service, or give a token with --token", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
