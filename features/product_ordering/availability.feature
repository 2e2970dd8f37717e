Feature: The partner's service is available
  Orange watches each partner's server by a GET that answers HTTP 200
  (getting started: development phase).

  @GEN-01
  Scenario: Ping
    When Orange pings the partner
