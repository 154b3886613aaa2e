// Package outbound is the one way by which the program speaks to servers that somebody else has named: the endpoint of
// a subscription, the input of an import, the keys of an application.
//
// Nothing may be asked unless an administrator has listed it, see [Options.Allow]. A name on the list is looked up,
// every address that it has is judged, and the connection goes to an address that was judged, so that a name which
// points elsewhere a moment later gains nothing. Addresses inside of a house - private, loopback, link-local, shared,
// multicast and all that is reserved - are refused unless they are listed themselves. A redirect to another origin is
// refused. There is a limit in time and size, and no proxy of the environment is heeded.
package outbound
