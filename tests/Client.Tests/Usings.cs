global using Switchboard.TestSupport;
