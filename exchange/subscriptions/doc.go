// Package subscriptions tells others of changes: R4 Subscriptions with a search as their criteria, and topic-based
// ones after the Subscriptions R5 Backport guide (1.1), over rest-hook, websocket and server-sent events.
//
// # Whose rights
//
// A subscription is made at this package's own doors, which note who asks. Everything is then read with the session of
// that owner, as it is at that moment: when a change is matched, and again just before it is sent. When the owner's
// rights end, the subscription is switched off. One that came into the record by another way, or was changed there,
// has no owner who stands for it: it is switched off and sends nothing.
//
// # How events travel
//
// One server at a time runs the [engine]. Each active subscription has a worker that reads the change log from where
// it was, asks the record with the owner's session which of the changed resources meet the criteria, and appends those
// to the subscription's event log together with its place in the change log. From the event log they are sent, each
// at least once and the events of one patient in their order, and stay there for $events and for connections that
// come back.
//
// Criteria are searched, and a search knows current versions. So where there are criteria, a version that is replaced
// before it was looked at, some hundredths of a second later, is no event of its own; the version that replaced it is.
// Without criteria, each version is. Deletions are told of where there are no criteria.
//
// # Where to
//
// An endpoint must be on the administrator's list; see package outbound.
package subscriptions
