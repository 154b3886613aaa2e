// Package ordering is how tests, imaging, procedures, referrals and nursing are ordered, and how each order is followed
// until it is closed.
//
// An order is a ServiceRequest. A Task of the kind "order" follows it: who answers for it, until when, where it stands.
// What arrives without such a Task gets one from a watch.
package ordering
