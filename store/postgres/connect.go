package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// dialer makes connections of one configuration.
type dialer struct{ config *pgx.ConnConfig }

func newDialer(url string) (dialer, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return dialer{}, errors.New("the database address cannot be read: it looks like postgres://user@host/database?sslmode=verify-full") // err may hold the password
	}
	if err := guarded(config.Host, config.TLSConfig); err != nil {
		return dialer{}, err
	}
	for _, f := range config.Fallbacks {
		if err := guarded(f.Host, f.TLSConfig); err != nil {
			return dialer{}, err
		}
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.StatementCacheCapacity = 256
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	// A request that ends early cancels its statement and leaves the connection usable.
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	for name, value := range map[string]string{
		"application_name":              "osler",
		"client_encoding":               "UTF8",
		"default_transaction_isolation": "read committed",
		"jit":                           "off", // compiling costs more than these short statements do
		"search_path":                   "public",
		// Searches are written in the order that they should run: from the condition likely to leave the
		// fewest rows, then row by row, by an index each. Planning them anew for each call would cost more
		// than running them, and guesses make their plans worse as often as better: a plan made while a
		// table was small enough to be read whole would be kept while an import makes it large.
		"plan_cache_mode":     "force_generic_plan",
		"join_collapse_limit": "1",
		"from_collapse_limit": "1",
		"enable_hashjoin":     "off",
		"enable_mergejoin":    "off",
		"enable_seqscan":      "off",
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	return dialer{config}, nil
}

// guarded refuses to send patient data over a network unverified.
func guarded(host string, t *tls.Config) error {
	local := strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost"
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		local = true
	}
	if local || t != nil && !t.InsecureSkipVerify && t.ServerName != "" {
		return nil
	}
	return fmt.Errorf("the database on %s would be reached without checking who answers: add sslmode=verify-full (and sslrootcert) to its address", host)
}

// connect makes one connection. notice hears its warnings.
func (d dialer) connect(ctx context.Context, params map[string]string, notice func(*pgconn.Notice)) (*pgx.Conn, error) {
	config := d.config.Copy()
	for name, value := range params {
		config.RuntimeParams[name] = value
	}
	if notice != nil {
		config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notice(n) }
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}

// pool makes the connections that questions outside transactions are asked on.
func (d dialer) pool(ctx context.Context, size int, timeout time.Duration) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	config.ConnConfig = d.config.Copy()
	config.ConnConfig.RuntimeParams["statement_timeout"] = strconv.FormatInt(timeout.Milliseconds(), 10)
	for name, value := range reading {
		config.ConnConfig.RuntimeParams[name] = value
	}
	config.MaxConns = int32(size)
	config.MaxConnIdleTime = 10 * time.Minute
	return pgxpool.NewWithConfig(ctx, config)
}

// reading are session parameters of connections for questions outside transactions.
var reading = map[string]string{"default_transaction_read_only": "on"}

// writing are session parameters of connections that write. A statement has no time limit of the server's,
// because it would end a commit that waits for a standby, and leave its outcome unknown.
var writing = map[string]string{
	"statement_timeout":                   "0",
	"lock_timeout":                        "20s",
	"idle_in_transaction_session_timeout": "300s",
}
