Feature: Moving licences to another offering
  UserService UC4: a swap moves the licence to the new offering. Its id, fleet, login, end user and state stay.

  @US-UC4-01 @US-UC6-02
  Scenario: Swapping one licence
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    When Orange swaps them to the second offering

  @US-UC4-04 @US-UC2-06
  Scenario: Swapping several licences
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange swaps them to the second offering

  @GEN-04
  Scenario: Fields that the partner does not know
    Given swaps as the profile declares them
    And a customer with a fleet of 2 licences
    And 1 of its licences
    When Orange swaps them to the second offering, with unknown fields

  @US-UC4-02
  Scenario: A swap to an unknown offering
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    When Orange swaps them to an unknown offering, which is refused
    Then nothing has changed, or else US-UC4-02

  @US-UC4-03
  Scenario: What survives a swap
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And an end user on it, where the profile can add one
    And a login on it, where the profile can renew one
    When Orange swaps them to the second offering
    Then they keep everything but their offering, or else US-UC4-03

  @US-UC4-03
  Scenario: A suspended licence stays suspended
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    When Orange sets them to suspended
    And Orange swaps them to the second offering
    Then they keep everything but their offering, or else US-UC4-03

  @US-UC4-04
  Scenario: One unknown licence in a swap
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange swaps them and an unknown licence, which is refused, or else US-UC4-04
    Then nothing has changed, or else US-UC4-04
