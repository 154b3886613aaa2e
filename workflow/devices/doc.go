// Package devices keeps what is implanted in a patient, by the unique identifiers of the devices.
package devices
